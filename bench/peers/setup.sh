#!/usr/bin/env bash
# Makes the Python environment of the peers, bench/peers/.venv, builds the C kernels, and installs
# the JavaScript peers into bench/peers/javascript (300 MB).
#
#   bash bench/peers/setup.sh                       CPU only: about 700 MB downloaded
#   bash bench/peers/setup.sh --with-gpu-libraries  everything `pip install torch` pulls in (3 GB)
#
# The CPU-only way keeps the official wheel of PyTorch and leaves out the GPU
# packages that it links to but a CPU run never calls: gpu_stand_ins.py.
set -euo pipefail
cd "$(dirname "$0")"

"${PYTHON:-python3}" -m venv .venv
python=.venv/bin/python
$python -m pip install --quiet --upgrade pip
if [ "${1:-}" = "--with-gpu-libraries" ]; then
  $python -m pip install --quiet -r requirements.txt
else
  $python -m pip install --quiet --no-deps torch==2.15.0 torch-geometric==2.8.1 \
    nvidia-cuda-runtime==13.2.86 nvidia-cuda-cupti==13.2.86
  $python -m pip install --quiet numpy==2.4.6 scipy==1.17.1 filelock fsspec jinja2 networkx \
    "sympy>=1.13.3" typing_extensions aiohttp psutil pyparsing requests tqdm xxhash
  $python -m pip install --quiet implicit==0.7.3 scikit-learn==1.9.1 pandas==3.1.1 \
    pyarrow==26.0.1
  $python gpu_stand_ins.py
fi
$python -W ignore -c 'import torch, torch_geometric; print("torch", torch.__version__, "torch-geometric", torch_geometric.__version__)'
make -C c
npm install --prefix javascript --no-audit --no-fund --no-package-lock
