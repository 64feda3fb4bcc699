#!/usr/bin/env bash
# QSim's half of the comparison with the authors' codes: reference_runs.sh OUT [NETWORK...]
# The digits network, the 784-100-10 MLP and LeNet-5, trained as usual and adversarially, each under L-infinity and L2, 200 images.
# Of each study only shard 1 of 2: the float network's cells.
# Then: reference_codes.py AUTO_ATTACK OUT/* > table.md
# TRAININGS="standard" and ATTACKS="fgsm, pgd-40" in the environment make less of it.
set -euo pipefail
out=$1; shift
networks=${*:-digits-cnn mlp lenet5}
qsim=${QSIM:-$(dirname "$0")/../../src/Runner/bin/Release/net10.0/qsim}
mkdir -p "$out"
for network in $networks; do
  case $network in
    digits-cnn) data=digits epochs=60 linf=16/255 l2=0.5 ;;
    mlp) data=mnist epochs=5 linf=0.05 l2=1 ;;
    *) data=mnist epochs=3 linf=0.1 l2=1.5 ;;
  esac
  for training in ${TRAININGS:-standard adversarial}; do
    for norm in linf l2; do
      run=$out/$network-$training-$norm
      [ -e "$run/done" ] && continue
      {
        printf 'schema: qsim/study/1\nname: reference\ndata: %s\nnetwork: %s\nimages: 200\nprofiles: [int8-wide]\n' $data $network
        printf 'epochs: %s\nnorm: %s\nepsilons: [%s]\n' $epochs $norm "${!norm}"
        printf 'attacks: [%s]\n' "${ATTACKS:-fgsm, pgd-40, apgd-ce, apgd-t, fab-t, square, autoattack}"
        [ $training = standard ] || printf 'training:\n  adversarial: {epsilon: %s, steps: 5, step: %s}\n' $linf \
          "$(awk -v e=$linf 'BEGIN { split(e, p, "/"); print p[1] / (p[2] ? p[2] : 1) / 3 }')"
      } > "$run.yaml"
      "$qsim" run "$run.yaml" --cache "$out/cache" --out "$run" --save-images "$run/images" --shard 1/2; touch "$run/done"
    done
  done
done
