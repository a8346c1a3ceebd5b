"""Knowledge without input or output: plain values and a given now go in, plain values come out of it."""
