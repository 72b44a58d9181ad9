# The parameters have other names than in the hand-out; only their order is the same.
import numpy as np

def zero_pad(images, border=0):
    return np.pad(images, ((0, 0), (border, border), (border, border), (0, 0)))

def conv_single_step(receptive_field, kernel, offset):
    return float(np.sum(receptive_field*kernel) + offset[0, 0, 0])

def conv_forward(activations, kernels, offsets, settings):
    step, border = settings['stride'], settings['pad']
    size = kernels.shape[0]
    padded = zero_pad(activations, border)
    tall = (padded.shape[1] - size)//step + 1
    wide = (padded.shape[2] - size)//step + 1
    feature_maps = np.zeros((activations.shape[0], tall, wide, kernels.shape[3]))
    for example in range(activations.shape[0]):
        for y in range(tall):
            for x in range(wide):
                field = padded[example, y*step:y*step + size, x*step:x*step + size]
                for k in range(kernels.shape[3]):
                    feature_maps[example, y, x, k] = conv_single_step(field, kernels[..., k], offsets[..., k])
    return feature_maps, (activations, kernels, offsets, settings)

def conv_backward(gradient, saved):
    activations, kernels, offsets, settings = saved
    step, border = settings['stride'], settings['pad']
    size = kernels.shape[0]
    padded = zero_pad(activations, border)
    g_padded = np.zeros(padded.shape)
    g_kernels = np.zeros(kernels.shape)
    g_offsets = np.zeros(offsets.shape)
    for example in range(gradient.shape[0]):
        for y in range(gradient.shape[1]):
            for x in range(gradient.shape[2]):
                for k in range(gradient.shape[3]):
                    g = gradient[example, y, x, k]
                    g_padded[example, y*step:y*step + size, x*step:x*step + size] += kernels[..., k]*g
                    g_kernels[..., k] += padded[example, y*step:y*step + size, x*step:x*step + size]*g
                    g_offsets[..., k] += g
    tall, wide = activations.shape[1], activations.shape[2]
    return g_padded[:, border:border + tall, border:border + wide], g_kernels, g_offsets
