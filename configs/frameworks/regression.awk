# y = 2 + 3 x, learnt by gradient descent with momentum: any language that prints can be searched.
#   awk -f regression.awk -v alpha=0.1 -v beta=0.9 -v epochs=20
BEGIN {
    for (i = 0; i < 50; i++) { x[i] = i / 25 - 1; y[i] = 2 + 3 * x[i] }
    for (epoch = 1; epoch <= epochs; epoch++) {
        da = db = loss = 0
        for (i in x) {
            residual = a + b * x[i] - y[i]
            da += residual / 50; db += residual * x[i] / 50; loss += residual ^ 2 / 50
        }
        va = beta * va + (1 - beta) * da; vb = beta * vb + (1 - beta) * db
        a -= alpha * va; b -= alpha * vb
        printf "{\"loss\": %.17g, \"intercept\": %.6g, \"slope\": %.6g}\n", loss, a, b
    }
}
