/**
 * The shipped networks against published totals. Every expected figure is computed here from the architecture's own
 * formula (the paper's table), not from the files; `leftOut` are the parameters that the files do not hold, so that
 * weights + leftOut is the reference implementation's parameter count to the last one.
 */
import { describe, expect, it } from 'vitest';
import { macs, tensorWords } from '../../src/workload/einsum.ts';
import { loadWorkload } from '../../src/workload/select.ts';
import type { Workload } from '../../src/workload/workload.ts';
import { listWorkloads } from '../../src/workload/zoo.ts';

function totalMacs({ layers }: Workload): number {
  return layers.reduce((sum, { count, einsum }) => sum + count * macs(einsum), 0);
}

/** Learnt weights: K and V of the attention products are activations. */
function totalWeights({ layers }: Workload): number {
  const learnt = layers.filter(({ name }) => !/\.(qk|av)$/.test(name));
  return learnt.reduce((sum, { count, einsum }) => {
    const weights = einsum.tensors.find(({ role }) => role === 'weights')!;
    return sum + count * tensorWords(einsum, weights);
  }, 0);
}

interface Totals {
  readonly macs: number;
  readonly weights: number;
}

/** A k×k convolution onto a size×size image; `c` input channels per filter. */
function conv(m: number, c: number, k: number, size: number): Totals {
  const weights = m * c * k * k;
  return { weights, macs: weights * size * size };
}

function sum(parts: readonly Totals[]): Totals {
  return {
    macs: parts.reduce((total, part) => total + part.macs, 0),
    weights: parts.reduce((total, part) => total + part.weights, 0),
  };
}

/** Krizhevsky 2012, section 3.5 and figure 2: filters of the two towers together; 48 and 192 channels seen by each. */
const alexnet = sum([
  conv(96, 3, 11, 55),
  conv(256, 48, 5, 27),
  conv(384, 256, 3, 13),
  conv(384, 192, 3, 13),
  conv(256, 192, 3, 13),
  conv(4096, 9216, 1, 1),
  conv(4096, 4096, 1, 1),
  conv(1000, 4096, 1, 1),
]);

/** Simonyan & Zisserman 2015, table 1, column D: [channels, image] of the 3×3 convolutions. */
const vgg16 = sum([
  conv(64, 3, 3, 224),
  conv(64, 64, 3, 224),
  conv(128, 64, 3, 112),
  conv(128, 128, 3, 112),
  conv(256, 128, 3, 56),
  ...Array.from({ length: 2 }, () => conv(256, 256, 3, 56)),
  conv(512, 256, 3, 28),
  ...Array.from({ length: 2 }, () => conv(512, 512, 3, 28)),
  ...Array.from({ length: 3 }, () => conv(512, 512, 3, 14)),
  conv(4096, 512 * 7 * 7, 1, 1),
  conv(4096, 4096, 1, 1),
  conv(1000, 4096, 1, 1),
]);

const RESNET_STAGES = [
  { width: 64, size: 56 },
  { width: 128, size: 28 },
  { width: 256, size: 14 },
  { width: 512, size: 7 },
];

/** He 2016, table 1, 18-layer column: two blocks of two 3×3 in each of four stages. */
const resnet18 = sum([
  conv(64, 3, 7, 112),
  ...RESNET_STAGES.flatMap(({ width, size }, stage) => {
    const input = stage === 0 ? 64 : width / 2;
    const shortcut = stage === 0 ? [] : [conv(width, input, 1, size)];
    const rest = Array.from({ length: 3 }, () => conv(width, width, 3, size));
    return [conv(width, input, 3, size), ...rest, ...shortcut];
  }),
  conv(1000, 512, 1, 1),
]);

/**
 * He 2016, table 1, 50-layer column: bottlenecks 1×1, 3×3, 1×1. A stage's first block halves the image, in its 3×3
 * (v1.5, torchvision) or in the 1×1 before it (v1, the paper).
 */
function resnet50(version: 'v1' | 'v1.5'): Totals {
  const stages = RESNET_STAGES.flatMap(({ width, size }, stage) => {
    const input = stage === 0 ? 64 : width * 2;
    const firstSize = version === 'v1.5' && stage > 0 ? size * 2 : size;
    const first = [conv(width, input, 1, firstSize), conv(width * 4, input, 1, size)];
    const later = Array.from({ length: [2, 3, 5, 2][stage] }, () => conv(width, width * 4, 1, size));
    const both = Array.from({ length: [3, 4, 6, 3][stage] }, () => [
      conv(width, width, 3, size),
      conv(width * 4, width, 1, size),
    ]);
    return [...first, ...later, ...both.flat()];
  });
  return sum([conv(64, 3, 7, 112), ...stages, conv(1000, 2048, 1, 1)]);
}

/** Sandler 2018, table 2: [expansion t, channels c, repeats n, input image, output image]. */
const mobilenetV2 = sum([
  conv(32, 3, 3, 112),
  ...(
    [
      [1, 16, 1, 112, 112, 32],
      [6, 24, 2, 112, 56, 16],
      [6, 32, 3, 56, 28, 24],
      [6, 64, 4, 28, 14, 32],
      [6, 96, 3, 14, 14, 64],
      [6, 160, 3, 14, 7, 96],
      [6, 320, 1, 7, 7, 160],
    ] as const
  ).flatMap(([t, c, n, before, after, input]) => {
    const block = (channels: number, size: number): Totals[] => [
      ...(t === 1 ? [] : [conv(channels * t, channels, 1, size)]),
      conv(channels * t, 1, 3, after),
      conv(c, channels * t, 1, after),
    ];
    return [...block(input, before), ...Array.from({ length: n - 1 }, () => block(c, after)).flat()];
  }),
  conv(1280, 320, 1, 7),
  conv(1000, 1280, 1, 1),
]);

/** Attention products of `layers` blocks: every head's QK and AV, no causal mask. */
function attention(layers: number, width: number, queries: number, keys: number): number {
  return layers * 2 * width * queries * keys;
}

/** Weights of `layers` blocks of width d with a feed-forward of 4d: Q, K, V, projection (4 d²), two matrices (8 d²). */
function blocks(layers: number, d: number): number {
  return layers * 12 * d * d;
}

/** Per block 9 d biases (Q, K, V, projection: 4 d; feed-forward: 5 d) and two layer norms (4 d). */
function biasesAndNorms(layers: number, d: number): number {
  return layers * 13 * d;
}

const vitB16: Totals = {
  weights: 768 * 3 * 16 * 16 + blocks(12, 768) + 1000 * 768,
  macs: 196 * 768 * 3 * 16 * 16 + 197 * blocks(12, 768) + attention(12, 768, 197, 197) + 1000 * 768,
};

interface ImageNetwork {
  readonly expected: Totals;
  /** Parameters beside convolution and matrix weights, and which they are. */
  readonly leftOut: number;
  readonly leaves: string;
  /** Parameters of the reference implementation. */
  readonly parameters: number;
  /** Published multiply-accumulates in 10⁹ and the precision they are printed with. */
  readonly gmacs: number;
  readonly digits: number;
  readonly source: string;
}

const IMAGE_NETWORKS: Record<string, ImageNetwork> = {
  alexnet: {
    expected: alexnet,
    leftOut: 96 + 256 + 384 + 384 + 256 + 4096 + 4096 + 1000,
    leaves: 'biases',
    parameters: 60_965_224, // BVLC Caffe's bvlc_alexnet
    gmacs: 0.724,
    digits: 3,
    source: 'Sze et al., Efficient Processing of DNNs, Proc. IEEE 2017, table II: 724 M MACs, 61 M weights',
  },
  vgg16: {
    expected: vgg16,
    leftOut: 2 * 64 + 2 * 128 + 3 * 256 + 6 * 512 + 4096 + 4096 + 1000,
    leaves: 'biases',
    parameters: 138_357_544,
    gmacs: 15.47,
    digits: 2,
    source: 'torchvision, VGG16_Weights.IMAGENET1K_V1: num_params, _ops',
  },
  resnet18: {
    expected: resnet18,
    leftOut: 2 * (64 + 4 * 64 + 5 * 128 + 5 * 256 + 5 * 512) + 1000,
    leaves: 'batch norm scale and shift; bias of fc',
    parameters: 11_689_512,
    gmacs: 1.814,
    digits: 3,
    source: 'torchvision, ResNet18_Weights.IMAGENET1K_V1: num_params, _ops',
  },
  resnet50: {
    expected: resnet50('v1.5'),
    leftOut: 2 * (64 + [3, 4, 6, 3].reduce((n, b, i) => n + (b * 6 + 4) * (64 << i), 0)) + 1000,
    leaves: 'batch norm scale and shift; bias of fc',
    parameters: 25_557_032,
    gmacs: 4.089,
    digits: 3,
    source: 'torchvision, ResNet50_Weights.IMAGENET1K_V1: num_params, _ops',
  },
  mobilenet_v2: {
    expected: mobilenetV2,
    leftOut: 34_112 + 1000,
    leaves: 'batch norm scale and shift (2 x 17,056 channels); bias of fc',
    parameters: 3_504_872,
    gmacs: 0.301,
    digits: 3,
    source: 'torchvision, MobileNet_V2_Weights.IMAGENET1K_V1: num_params, _ops; the paper: 300 M MACs, 3.4 M',
  },
  vit_b16: {
    expected: vitB16,
    leftOut: 768 + 768 + 197 * 768 + biasesAndNorms(12, 768) + 2 * 768 + 1000,
    leaves: 'bias of the patches, class token, position embedding, biases and norms, bias of the head',
    parameters: 86_567_656,
    gmacs: 17.564,
    digits: 3,
    source: 'torchvision, ViT_B_16_Weights.IMAGENET1K_V1: num_params, _ops',
  },
};

describe.each(Object.entries(IMAGE_NETWORKS))('%s', (name, network) => {
  const workload = loadWorkload(name);

  it('has the weights and multiply-accumulates of the architecture', () => {
    expect(totalWeights(workload)).toBe(network.expected.weights);
    expect(totalMacs(workload)).toBe(network.expected.macs);
  });

  it(`has the published totals (${network.source}; left out: ${network.leaves})`, () => {
    expect(totalWeights(workload) + network.leftOut).toBe(network.parameters);
    expect(totalMacs(workload) / 1e9).toBeCloseTo(network.gmacs, network.digits);
  });

  it('does its work once per image of the batch, with the same weights', () => {
    const batch = loadWorkload(name, { params: { batch: 4 } });
    expect(totalMacs(batch)).toBe(4 * totalMacs(workload));
    expect(totalWeights(batch)).toBe(totalWeights(workload));
  });
});

it('resnet50 becomes the 3.86 GMAC of v1 when the first 1x1 of stages 3 to 5 makes a quarter of the pixels', () => {
  const layers = loadWorkload('resnet50').layers;
  const first = layers.filter(({ name }) => /^conv[345]_1\.a$/.test(name));
  expect(first).toHaveLength(3);
  const saved = first.reduce((total, { einsum }) => total + (3 / 4) * macs(einsum), 0);
  const v1 = totalMacs(loadWorkload('resnet50')) - saved;
  expect(v1).toBe(resnet50('v1').macs);
  expect(v1 / 1e9).toBeCloseTo(3.86, 2);
  // Sze et al. 2017, table II: 3.9 G MACs.
  expect((v1 / 1e9).toFixed(1)).toBe('3.9');
});

it('alexnet makes the operations per image that the Eyeriss chip was measured on (JSSC 2017, table V, batch 4)', () => {
  const measured = { conv1: 421.66, conv2: 895.79, conv3: 598.1, conv4: 448.6, conv5: 299.0 }; // 1e6 MACs
  for (const [layer, mops] of Object.entries(measured)) {
    const macsOfBatch = totalMacs(loadWorkload(`alexnet@batch=4.${layer}`));
    expect(Math.abs(macsOfBatch / 1e6 / mops - 1)).toBeLessThan(2e-4);
  }
});

interface LanguageModel {
  readonly selector: string;
  readonly weights: number;
  readonly leftOut: number;
  readonly leaves: string;
  readonly parameters: number;
  readonly source: string;
}

/** Llama's block: Q and output projection (2 d²), K and V (2 d·kv), gate, up, down (3 d·f). */
function llamaWeights(d: number, kv: number, f: number, vocabulary: number): number {
  return 32 * (2 * d * d + 2 * d * kv + 3 * d * f) + vocabulary * d;
}

const LANGUAGE_MODELS: LanguageModel[] = [
  {
    selector: 'bert_base',
    weights: blocks(12, 768) + 768 * 768,
    leftOut: (30522 + 512 + 2) * 768 + 2 * 768 + biasesAndNorms(12, 768) + 768,
    leaves: 'word, position and type embeddings and their norm; biases and norms; bias of the pooler',
    parameters: 109_482_240,
    source: 'Hugging Face BertModel bert-base-uncased; Devlin 2019: 110 M',
  },
  {
    selector: 'bert_large',
    weights: blocks(24, 1024) + 1024 * 1024,
    leftOut: (30522 + 512 + 2) * 1024 + 2 * 1024 + biasesAndNorms(24, 1024) + 1024,
    leaves: 'word, position and type embeddings and their norm; biases and norms; bias of the pooler',
    parameters: 335_141_888,
    source: 'Hugging Face BertModel bert-large-uncased; Devlin 2019: 340 M',
  },
  {
    selector: 'gpt2_large.prefill',
    weights: blocks(36, 1280) + 50257 * 1280,
    leftOut: 1024 * 1280 + biasesAndNorms(36, 1280) + 2 * 1280,
    leaves: 'position embedding, biases and norms (the token embedding is the LM head)',
    parameters: 774_030_080,
    source: 'Hugging Face GPT2LMHeadModel gpt2-large: 774 M',
  },
  {
    selector: 'gpt3_175b.prefill',
    weights: blocks(96, 12288) + 50257 * 12288,
    leftOut: 2048 * 12288 + biasesAndNorms(96, 12288) + 2 * 12288,
    leaves: 'position embedding, biases and norms (the token embedding is the LM head)',
    parameters: 174_604_259_328,
    source: 'Brown 2020, table D.1: 174,600 M',
  },
  {
    selector: 'llama2_7b.prefill',
    weights: llamaWeights(4096, 4096, 11008, 32000),
    leftOut: 32000 * 4096 + 65 * 4096,
    leaves: 'token embedding, 65 norms',
    parameters: 6_738_415_616,
    source: 'Hugging Face LlamaForCausalLM meta-llama/Llama-2-7b: 6.74 B',
  },
  {
    selector: 'llama3_8b.prefill',
    weights: llamaWeights(4096, 1024, 14336, 128256),
    leftOut: 128256 * 4096 + 65 * 4096,
    leaves: 'token embedding, 65 norms',
    parameters: 8_030_261_248,
    source: 'Hugging Face LlamaForCausalLM meta-llama/Meta-Llama-3-8B: 8.03 B',
  },
];

it.each(LANGUAGE_MODELS)('$selector has its published parameters ($source; left out: $leaves)', (model) => {
  const weights = totalWeights(loadWorkload(model.selector));
  expect(weights).toBe(model.weights);
  expect(weights + model.leftOut).toBe(model.parameters);
});

it('bert_base makes the 22.5 GFLOP per 128 tokens of MobileBERT (Sun et al., ACL 2020, GLUE table)', () => {
  const base = totalMacs(loadWorkload('bert_base@seq=128'));
  expect(base).toBe(128 * blocks(12, 768) + attention(12, 768, 128, 128) + 768 * 768);
  // 0.7 % below; the paper does not itemise what its figure counts beside the matrix products.
  expect((2 * base) / 22.5e9).toBeGreaterThan(0.99);
  expect((2 * base) / 22.5e9).toBeLessThan(1);
});

it('gpt3_175b multiplies every token by every weight once in the prompt, and the new tokens in decode', () => {
  const { weights } = LANGUAGE_MODELS.find(({ selector }) => selector.startsWith('gpt3'))!;
  const prefill = totalMacs(loadWorkload('gpt3_175b@batch=2,seq=256.prefill'));
  expect(prefill).toBe(2 * 256 * weights + 2 * attention(96, 12288, 256, 256));
  const decode = totalMacs(loadWorkload('gpt3_175b@batch=2,seq=256.decode'));
  expect(decode).toBe(2 * weights + 2 * attention(96, 12288, 1, 256));
});

describe.each(['gpt2_large', 'gpt3_175b', 'llama2_7b', 'llama3_8b'])('%s', (name) => {
  it('decodes with the weights of its prefill', () => {
    const prefill = totalWeights(loadWorkload(`${name}.prefill`));
    expect(totalWeights(loadWorkload(`${name}.decode`))).toBe(prefill);
  });

  it('decodes one token against the whole KV cache for the last prompt token of a prefill', () => {
    const { layers } = loadWorkload(`${name}@batch=3,seq=64.decode`);
    const step = totalMacs(loadWorkload(`${name}@batch=3,seq=64.decode`));
    const prompt = totalMacs(loadWorkload(`${name}@batch=3,seq=64.prefill`));
    expect(prompt).toBe(64 * step);
    expect(layers.some((layer) => layer.name === 'decode.attn.qk')).toBe(true);
  });
});

it('llama3_8b reads a quarter of the keys and values that its 32 query heads would without sharing', () => {
  const [{ einsum }] = loadWorkload('llama3_8b@seq=1000.decode.attn.qk').layers;
  const keys = einsum.tensors.find(({ role }) => role === 'weights')!;
  expect(tensorWords(einsum, keys)).toBe((32 / 4) * 1000 * 128);
  expect(macs(einsum)).toBe(32 * 1000 * 128);
});

it('ships exactly the networks tested here, each naming a paper and whose shapes it follows', () => {
  const tested = [
    ...Object.keys(IMAGE_NETWORKS),
    ...LANGUAGE_MODELS.map(({ selector }) => selector.split('.')[0]),
  ];
  expect(listWorkloads().map(({ name }) => name)).toEqual(tested.toSorted());
  for (const { sources } of listWorkloads()) expect(sources).toHaveLength(2);
});

it('names the 53 convolutions and the classifier of resnet50 as published', () => {
  const names = loadWorkload('resnet50').layers.map(({ name }) => name);
  const blocksOf = [3, 4, 6, 3].flatMap((count, stage) =>
    Array.from({ length: count }, (_, block) => {
      const name = `conv${stage + 2}_${block + 1}`;
      return [`${name}.a`, `${name}.b`, `${name}.c`, ...(block === 0 ? [`${name}.proj`] : [])];
    }).flat(),
  );
  expect(names).toEqual(['conv1', ...blocksOf, 'fc']);
  expect(names).toHaveLength(54);
});

/** Strides along P and Q of the layers that have any but 1. Totals do not see them, the input's size does. */
function strides(name: string): Record<string, number[]> {
  const entries = loadWorkload(name).layers.map((layer): [string, number[]] => {
    const { dims, tensors } = layer.einsum;
    const terms = tensors.flatMap(({ role, ranks }) => (role === 'inputs' ? ranks.flat() : []));
    const along = terms.filter(({ dim }) => ['P', 'Q'].includes(dims[dim].name));
    return [layer.name, along.map(({ coefficient }) => coefficient)];
  });
  return Object.fromEntries(entries.filter(([, pair]) => pair.some((stride) => stride !== 1)));
}

it.each([
  ['alexnet', { conv1: [4, 4] }],
  ['vgg16', {}],
  ['resnet18', { conv1: [2, 2], ...halving(['conv3_1', 'conv4_1', 'conv5_1'], ['a', 'proj']) }],
  ['resnet50', { conv1: [2, 2], ...halving(['conv3_1', 'conv4_1', 'conv5_1'], ['b', 'proj']) }],
  ['mobilenet_v2', { conv1: [2, 2], ...halving(['block2_1', 'block3_1', 'block4_1', 'block6_1'], ['dw']) }],
  ['vit_b16', { patch: [16, 16] }],
])('%s strides where the paper halves the image', (name, expected) => {
  expect(strides(name)).toEqual(expected);
});

function halving(blockNames: readonly string[], convolutions: readonly string[]): Record<string, number[]> {
  return Object.fromEntries(
    blockNames.flatMap((block) => convolutions.map((last) => [`${block}.${last}`, [2, 2]])),
  );
}

it.each(['alexnet', 'vgg16', 'resnet18', 'resnet50', 'mobilenet_v2'])(
  '%s has square images and filters',
  (name) => {
    for (const { einsum } of loadWorkload(name).layers) {
      const bounds = Object.fromEntries(einsum.dims.map(({ name: dim, bound }) => [dim, bound]));
      expect([bounds.Q, bounds.S]).toEqual([bounds.P, bounds.R]);
    }
  },
);
