#!/usr/bin/env bash
# What each part of the general model is worth: five networks trained alike on few pictures.
#
#   benchmarks/quality/ablations.sh PICTURES VALIDATION ENCODER SQUEEZENET WORK
#
# PICTURES and VALIDATION are tar files or folders of class/picture, ENCODER and SQUEEZENET the
# weights of MobileNetEdgeTPU and SqueezeNet (.npz). Results go to WORK; what is there is kept.
set -euo pipefail
pictures=$1 validation=$2 encoder=$3 squeezenet=$4 work=$5
mkdir -p "$work"

train() { # NAME NETWORK HEAD
    cat >"$work/$1.yaml" <<RECIPE
network: $2
head: $3
size: 120
crop: 96
epochs: 1
batch: 32
lr: 0.001
encoder_lr_scale: ${4:-0.05}
weight_decay: 0.01
grad_clip: 5.0
schedule: cosine
color_jitter: 1.2
ema_decay: 0.99
degradations: true
workers: 1
RECIPE
    colornet train "$pictures" -o "$work/$1" --recipe "$work/$1.yaml"
    colornet evaluate "$work/$1/checkpoints/last.ckpt" "$validation" -o "$work/$1/report" \
        --size 128 --perceptual-metrics "$squeezenet"
}

pretrained="name: fusion, encoder: $encoder"
train full "{$pretrained}" "{name: dual}"
train no-global-features "{$pretrained, global_features: false}" "{name: dual}"
train regression-only "{$pretrained}" "{name: regression}"
train classification-only "{$pretrained}" "{name: classification}"
train encoder-from-scratch "{name: fusion}" "{name: dual}" 1.0
