"""The analogy questions of a file with Gensim: what `embgeo eval analogies --reference gensim` is compared with.

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
