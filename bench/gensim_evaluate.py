"""Evaluate a file of analogies with Gensim, for comparison with `embgeo eval analogies --reference gensim`.

    python gensim_evaluate.py VECTORS FILE

VECTORS is a KeyedVectors that was saved with its norms; its matrix is mapped.
"""

import sys
import warnings

from gensim.models import KeyedVectors

warnings.simplefilter("ignore")
path, questions = sys.argv[1:]
score, _ = KeyedVectors.load(path, mmap="r").evaluate_word_analogies(questions)
sys.stdout.write(f"{score:.6f}\n")
