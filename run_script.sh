#!/usr/bin/env bash
# The founding document from faces to color:  bash run_script.sh [FACES] [WORK] [options of `colornet train`]
#
#   FACES   folder or tar file of pictures            (./face_images)
#   WORK    gets test_data/ train_data/ aug_images/ log loss.png black_white/ color/
#           labels.png predictions.png report.json report.html model/           (./work)
#
# For example:  bash run_script.sh faces.tar work --epochs 2
# Kill it wherever you like: started again with the same arguments, it goes on from where it was.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
faces=./face_images work=./work
if [[ $# -gt 0 && $1 != -* ]]; then faces=$1; shift; fi
if [[ $# -gt 0 && $1 != -* ]]; then work=$1; shift; fi
recipe=(--recipe "$here/recipes/faces.yaml")
for option; do [[ $option == --recipe* ]] && recipe=(); done

colornet=$here/.venv/bin/colornet
[[ -x $colornet ]] || colornet=$(command -v colornet) || {
    echo "colornet is not installed; python3 -m pip install '$here[train]'" >&2
    exit 1
}

step() { printf '\n== %s\n   %s\n' "$1" "$2"; }

step "1 of 4: prepare" "split 1:9 and augment the training part x10; a quarter of a minute for 750 pictures"
if [[ -f $work/split.json ]]; then
    echo "   done before: $work"
else
    # exit code 1 with a finished WORK: some pictures could not be read, the others are there
    "$colornet" prepare "$faces" -o "$work" || [[ -f $work/split.json ]]
fi

step "2 of 4: train" "one to two minutes an epoch of 6750 pictures on two cores, ten epochs unless told otherwise"
"$colornet" train "$work/aug_images" -o "$work" --validation "$work/test_data" "${recipe[@]}" "$@"

step "3 of 4: export" "the model folder that colorizes without torch; under a minute"
"$colornet" export "$work/checkpoints/last.ckpt" -o "$work/model"

step "4 of 4: evaluate" "test pictures turned gray, colorized and compared; under a minute for 75"
"$colornet" evaluate "$work/model" "$work/test_data" -o "$work"

printf '\ndone: %s\n' "$work/predictions.png, $work/report.html, and: colornet colorize PHOTO --model $work/model"
