"""A model of Keras, on the backend that KERAS_BACKEND names: tensorflow, jax or torch."""

import keras
from digits_data import digits
from keras import layers

from hpsearch.callbacks.keras import ReportEpochs


def train(alpha, units, dropout, batch_size, epochs):
    X, y, X_dev, y_dev = digits()
    model = keras.Sequential(
        [
            keras.Input((64,)),
            *(layers.Dense(width, activation="relu") for width in units),
            layers.Dropout(dropout),
            layers.Dense(10, activation="softmax"),
        ]
    )
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.Adam(alpha), loss, metrics=["accuracy"])
    model.fit(
        X,
        y,
        batch_size,
        epochs,
        verbose=0,
        validation_data=(X_dev, y_dev),
        callbacks=[ReportEpochs()],
    )
