"""python gpt2_here.py FOLDER embgeo|torch TEXT: the most probable next token, by embgeo or PyTorch."""

import sys

folder, engine, text = sys.argv[1:]
if engine == "embgeo":
    from embgeo import load

    print(load(folder).next(text, 1, precision="float32")[0].id)
else:
    import torch
    from tokenizers import Tokenizer
    from transformers import GPT2LMHeadModel

    torch.set_num_threads(1)
    model = GPT2LMHeadModel.from_pretrained(folder).eval()
    ids = torch.tensor([Tokenizer.from_file(f"{folder}/tokenizer.json").encode(text).ids])
    with torch.no_grad():
        print(int(model(ids).logits[0, -1].argmax()))
