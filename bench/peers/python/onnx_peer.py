"""ONNX Runtime, on what `torch_peer.py onnx` writes. usage: onnx_peer.py predict MODEL THREADS DIR"""
import os
import sys

import numpy as np
import onnxruntime

import child

_, model, threads, folder = sys.argv[1:]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads, options.inter_op_num_threads = int(threads), 1
session = onnxruntime.InferenceSession(os.path.join(folder, model + ".onnx"), options, providers=["CPUExecutionProvider"])
x = child.load(model, folder)[1][:1]
feed = {"x": x.astype(np.int64) if x.dtype == np.int32 else x}
child.serve(onnxruntime.__version__, session.run(None, feed)[0].ravel()[:5], lambda: session.run(None, feed))
