#!/usr/bin/env bash
# The general model from its beginning: ImageNet's weights of the encoder in, a model folder out.
#
#   recipes/general.sh ENCODER WORK PICTURES..
#
# ENCODER is mobilenet_edgetpu-imagenet.npz; PICTURES are tar files or folders of class/picture.
# WORK/general is the model then. Stopped, the same command goes on where it was. TRUNK, ADVERSARIAL
# and AFFINITY are more options for each part. The minutes of the recipes are those of one GPU; on a
# CPU: TRUNK="--minutes 300 -b 16 --lr 0.0004" ADVERSARIAL="--minutes 60 -b 16 --lr 0.0002".
set -euo pipefail
if [ $# -lt 3 ]; then
    echo "usage: recipes/general.sh ENCODER WORK PICTURES.." >&2
    exit 2
fi
for file in "$1" "${@:3}"; do
    [ -e "$file" ] || { echo "$file: there is no such file or folder" >&2; exit 1; }
done
recipes=$(cd "$(dirname "$0")" && pwd)
encoder=$1 work=$2
shift 2
pictures=()
for set in "$@"; do pictures+=("$(realpath "$set")"); done
mkdir -p "$work"
cp "$encoder" "$work/mobilenet_edgetpu-imagenet.npz" # where the recipe looks for it
cd "$work"
for part in trunk adversarial affinity; do # pictures are decoded once, for all three
    mkdir -p cache $part
    [ -e $part/cache ] || ln -s ../cache $part/cache
done

colornet train "${pictures[@]}" -o trunk --recipe "$recipes/general.yaml" ${TRUNK:-}
colornet train "${pictures[@]}" -o adversarial --recipe "$recipes/adversarial.yaml" \
    --start trunk/checkpoints/last.ckpt ${ADVERSARIAL:-}
colornet train "${pictures[@]}" -o affinity --recipe "$recipes/affinity.yaml" \
    --start adversarial/checkpoints/last.ckpt ${AFFINITY:-}
colornet export affinity/checkpoints/last.ckpt -o general --card "$recipes/cards/general.yaml" \
    --input-size 256 --temperature 0.38
