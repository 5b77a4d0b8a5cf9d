#!/usr/bin/env python3
"""Exports the networks of test/fixtures/onnx with PyTorch's own exporter, random weights, tensor data stripped.

    apt-get install python3-torch python3-torchvision python3-onnx    # Debian 12: torch 1.13, onnx 1.12
    /usr/bin/python3 scripts/export-onnx.py test/fixtures/onnx

What is left of a weight is its type and shape, its data declared external in a file that does not exist. The shapes
that onnx's own inference finds for the values in between are kept: dse refuses a model whose shapes contradict its own.
"""
import io
import sys
from pathlib import Path

import onnx
import torch
import torchvision
from torch import nn

# Tensors up to this many elements keep their data: shapes, axes and scales are among them.
KEPT_ELEMENTS = 64


class BertLayer(nn.Module):
    """One encoder block, as in BertModel of Hugging Face transformers (bert-base-uncased)."""

    def __init__(self, hidden=768, heads=12, intermediate=3072):
        super().__init__()
        self.heads, self.head_size = heads, hidden // heads
        self.query, self.key, self.value = (nn.Linear(hidden, hidden) for _ in range(3))
        self.output = nn.Linear(hidden, hidden)
        self.output_norm = nn.LayerNorm(hidden, eps=1e-12)
        self.up, self.down = nn.Linear(hidden, intermediate), nn.Linear(intermediate, hidden)
        self.down_norm = nn.LayerNorm(hidden, eps=1e-12)

    def split(self, x):
        return x.view(x.size(0), x.size(1), self.heads, self.head_size).permute(0, 2, 1, 3)

    def forward(self, x, mask):
        query, key, value = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = torch.matmul(query, key.transpose(-1, -2)) / self.head_size**0.5 + mask
        context = torch.matmul(torch.softmax(scores, dim=-1), value).permute(0, 2, 1, 3).contiguous()
        context = context.view(context.size(0), context.size(1), self.heads * self.head_size)
        x = self.output_norm(x + self.output(context))
        return self.down_norm(x + self.down(nn.functional.gelu(self.up(x))))


class Bert(nn.Module):
    """Embeddings, 12 blocks and the pooler."""

    def __init__(self, layers=12, hidden=768, vocabulary=30522, positions=512):
        super().__init__()
        self.words = nn.Embedding(vocabulary, hidden)
        self.types = nn.Embedding(2, hidden)
        self.positions = nn.Embedding(positions, hidden)
        self.register_buffer("position_ids", torch.arange(positions).expand((1, -1)))
        self.norm = nn.LayerNorm(hidden, eps=1e-12)
        self.layers = nn.ModuleList(BertLayer(hidden) for _ in range(layers))
        self.pooler = nn.Linear(hidden, hidden)

    def forward(self, input_ids, token_type_ids, attention_mask):
        mask = (1.0 - attention_mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
        x = self.words(input_ids) + self.types(token_type_ids)
        x = self.norm(x + self.positions(self.position_ids[:, : input_ids.size(1)]))
        for layer in self.layers:
            x = layer(x, mask)
        return x, torch.tanh(self.pooler(x[:, 0]))


def image_network(build):
    axes = {"input": {0: "batch"}, "output": {0: "batch"}}
    return build(), (torch.zeros(2, 3, 224, 224),), ["input"], ["output"], axes


def bert():
    names = ["input_ids", "token_type_ids", "attention_mask"]
    axes = {name: {0: "batch", 1: "seq"} for name in [*names, "hidden"]} | {"pooled": {0: "batch"}}
    tokens = torch.ones(2, 16, dtype=torch.int64)
    return Bert(), (tokens, tokens, tokens), names, ["hidden", "pooled"], axes


NETWORKS = {
    "resnet50": lambda: image_network(torchvision.models.resnet50),
    "mobilenet_v2": lambda: image_network(torchvision.models.mobilenet_v2),
    "bert_base": bert,
}


def export(network, inputs, input_names, output_names, axes):
    data = io.BytesIO()
    torch.onnx.export(
        network.eval(),
        inputs,
        data,
        input_names=input_names,
        output_names=output_names,
        dynamic_axes=axes,
        opset_version=13,
    )
    return onnx.shape_inference.infer_shapes(onnx.load_from_string(data.getvalue()))


def strip(model):
    for tensor in model.graph.initializer:
        elements = 1
        for extent in tensor.dims:
            elements *= extent
        if elements <= KEPT_ELEMENTS:
            continue
        for field in ("raw_data", "float_data", "int64_data", "int32_data", "double_data"):
            tensor.ClearField(field)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="stripped")
    for node in model.graph.node:
        node.ClearField("doc_string")
    stated = [info for info in model.graph.value_info if is_telling(info.type.tensor_type.shape.dim)]
    del model.graph.value_info[:]
    model.graph.value_info.extend(stated)
    return model


def is_telling(dims):
    """False for scalars and lists, and where onnx's inference invents names (unk__0) for what it cannot find."""
    return len(dims) > 1 and not any(dim.dim_param.startswith("unk__") for dim in dims)


def main(folder):
    for name, build in NETWORKS.items():
        model = strip(export(*build()))
        path = Path(folder) / f"{name}.onnx"
        path.write_bytes(model.SerializeToString())
        print(f"{path}: {path.stat().st_size} bytes, {len(model.graph.node)} nodes")


if __name__ == "__main__":
    torch.manual_seed(1)
    main(sys.argv[1])
