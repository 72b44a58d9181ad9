"""The seven functions of "Dot product or convolution?" as many students would write them, with the truth."""
