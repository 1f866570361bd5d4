#!/bin/sh
# Gradient descent on (w - 5)^2 with whole numbers of thousandths: any shell can be searched.
alpha=$1 w=0 epoch=0
while [ "$epoch" -lt "$HPSEARCH_EPOCHS" ]; do
    w=$((w - alpha * 2 * (w - 5000) / 1000))
    epoch=$((epoch + 1))
    echo "epoch $epoch distance: $(((w - 5000) * ((w > 5000) * 2 - 1)))"
done
