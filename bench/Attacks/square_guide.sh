#!/usr/bin/env bash
# What Square's guide is worth, for src/Attacks/README.md: square_guide.sh OUT [NETWORK...]
# For each network and seed (another network each, trained here) and each weight of the guide, how many images stand.
# SEEDS="2 3", WEIGHTS="0 1 3 10 30 100", QUERIES=5000 and IMAGES=200 in the environment make more or less of it.
set -euo pipefail
out=$1; shift
networks=${*:-digits-cnn mlp}
qsim=${QSIM:-$(dirname "$0")/../../src/Runner/bin/Release/net10.0/qsim}
mkdir -p "$out"
attacks=$(printf "square:queries=${QUERIES:-5000}:guide=%s," ${WEIGHTS:-0 1 3 10 30 100})
for network in $networks; do
  case $network in
    digits-cnn) data=digits epochs=60 epsilon=16/255 skip=0 ;;
    mlp) data=mnist epochs=5 epsilon=0.05 skip=200 ;;
    *) data=mnist epochs=3 epsilon=0.1 skip=200 ;; # the first 200 are those that 10 was chosen on
  esac
  for seed in ${SEEDS:-2 3}; do
    run=$out/$network-$seed
    "$qsim" run --data $data --network $network --epochs $epochs --seed $seed --images "${IMAGES:-200}" --skip-images $skip \
      --epsilons $epsilon --profile int8-wide,finn-w4a4,int4,int8-acc-wrap --attacks "${attacks%,}" --cache "$out/cache" --out "$run" \
      > "$run.txt"
    echo "$network, seed $seed, $epsilon, standing of $(awk -F, 'END { print $8 }' "$run/results.csv"):"
    awk -F, 'NR > 1 { if (!($4 in row)) order[++n] = $4; row[$4] = row[$4] "  " $3 " " $7 }
      END { for (i = 1; i <= n; i++) printf "%-24s%s\n", order[i], row[order[i]] }' "$run/results.csv"
  done
done
