/** Jobs of every kind that a scenario can ask for, small enough to be simulated rank by rank. */
import type { Written } from "./jobs.ts"

const mixture = "mixtral-8x7b"
const jeanZay = "jean-zay-a100"

/** Every layout here cuts its ranks into blocks that fit the machines, or span whole ones. */
export const layouts: Readonly<Record<string, Written>> = {
  "one accelerator": { cluster: { accelerators: 1 } },
  "1F1B over 4 stages of one node": { training: { parallelism: { tensor: 2, pipeline: 4 }, globalBatch: 16 } },
  "8 stages of one rank in each of two nodes": {
    cluster: { nodes: 2 },
    training: { parallelism: { pipeline: 8, data: 2 }, globalBatch: 16 }
  },
  "stages that span two nodes": {
    cluster: { nodes: 4 },
    training: { parallelism: { tensor: 8, pipeline: 2, data: 2 }, globalBatch: 16, zeroStage: 1 }
  },
  "a tensor group that spans two nodes": {
    cluster: { nodes: 4 },
    training: { parallelism: { tensor: 16, pipeline: 2 }, globalBatch: 8 }
  },
  "interleaved 1F1B": {
    training: { parallelism: { pipeline: 4, virtualPipeline: 2, data: 2 }, globalBatch: 16, stack: "megatron-core" }
  },
  GPipe: { training: { parallelism: { pipeline: 4, data: 2 }, schedule: "gpipe", globalBatch: 16 } },
  "a naive pipeline": { training: { parallelism: { pipeline: 4, data: 2 }, schedule: "naive", globalBatch: 16 } },
  "ZB-H1 with post-validation": {
    training: { parallelism: { pipeline: 4, data: 2 }, schedule: "zb-h1", stack: "zero-bubble", globalBatch: 16 }
  },
  "ZB-V": { training: { parallelism: { pipeline: 4, data: 2 }, schedule: "zb-v", globalBatch: 16 } },
  "V-Half": { training: { parallelism: { pipeline: 4, data: 2 }, schedule: "v-half", globalBatch: 16 } },
  "the best schedule in half of 1F1B's memory": {
    training: {
      parallelism: { pipeline: 4, data: 2 },
      schedule: { automatic: { memoryLimit: 0.5 } },
      globalBatch: 16
    }
  },
  DualPipe: {
    cluster: { nodes: 2 },
    training: { parallelism: { pipeline: 4, data: 4 }, schedule: "dualpipe", globalBatch: 64, stack: "megatron-core" }
  },
  "experts over the ranks of a stage, experts uncut": {
    cluster: { nodes: 4 },
    model: mixture,
    training: {
      parallelism: { tensor: 2, pipeline: 2, data: 8, expert: 8, expertTensor: 1 },
      globalBatch: 32,
      zeroStage: 1,
      stack: "megatron-core"
    }
  },
  "experts over half of the replicas": {
    cluster: { nodes: 2 },
    model: mixture,
    training: { parallelism: { tensor: 2, pipeline: 2, data: 4, expert: 2 }, globalBatch: 16, stack: "megatron-core" }
  },
  "context parallelism": {
    cluster: { nodes: 2 },
    training: { parallelism: { tensor: 2, context: 2, pipeline: 2, data: 2 }, globalBatch: 16, stack: "megatron-core" }
  },
  "ZeRO-3 over two nodes": {
    cluster: { nodes: 2 },
    model: "mpt-7b",
    training: { globalBatch: 32, stack: "llm-foundry" }
  },
  "hybrid sharding in groups of 8": {
    cluster: { nodes: 4 },
    model: "mpt-7b",
    training: { globalBatch: 32, stack: "torchtitan", sharding: { group: 8, prefetch: 2 } }
  },
  "activations in host memory": {
    training: { parallelism: { pipeline: 2, data: 4 }, globalBatch: 16, offload: { activations: true } }
  },
  "optimizer states in host memory": {
    training: { parallelism: { pipeline: 2, data: 4 }, globalBatch: 16, zeroStage: 1, offload: { optimizer: true } }
  },
  "selective recompute": {
    training: { parallelism: { pipeline: 2, data: 4 }, globalBatch: 16, recompute: "selective" }
  },
  "recompute of three layers a stage": {
    training: { parallelism: { pipeline: 2, data: 4 }, globalBatch: 16, recompute: { blocks: 3 } }
  },
  "BLOOM in small: 4 x 4 x 4 ranks, full recompute, ZeRO-1": {
    cluster: { system: jeanZay, nodes: 8 },
    model: "bloom-7b1",
    training: {
      parallelism: { tensor: 4, pipeline: 4, data: 4 },
      globalBatch: 64,
      zeroStage: 1,
      recompute: "full",
      stack: "megatron-deepspeed"
    }
  },
  "BLOOM in small, interleaved, with uneven parts": {
    cluster: { system: jeanZay, nodes: 8 },
    model: "bloom-7b1",
    training: {
      parallelism: { tensor: 4, pipeline: 4, data: 4, virtualPipeline: 3 },
      layerSplit: [3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 3, 3],
      globalBatch: 64,
      zeroStage: 1,
      recompute: "full",
      stack: "megatron-deepspeed"
    }
  },
  "pipelines inside of nodes, replicas across": {
    cluster: { system: jeanZay, nodes: 2 },
    model: "bloom-7b1",
    training: {
      parallelism: { tensor: 2, pipeline: 2, data: 4, order: "tp-cp-ep-pp-dp" },
      globalBatch: 64,
      recompute: "full",
      stack: "megatron-deepspeed"
    }
  },
  "72 accelerators to a switch": {
    cluster: { system: "gb200-nvl72", nodes: 8 },
    model: "llama-3.1-8b",
    training: { parallelism: { tensor: 4, pipeline: 2, data: 4 }, globalBatch: 64, stack: "megatron-core" }
  }
}

/** Layouts whose stages lie unevenly on the machines: six ranks a stage on nodes of eight. */
export const unevenLayouts: Readonly<Record<string, Written>> = {
  "2 stages of 6 ranks": {
    cluster: { accelerators: 12 },
    training: { parallelism: { pipeline: 2, data: 6 }, globalBatch: 24 }
  },
  "3 pipelines of 4 ranks across 2 nodes": {
    cluster: { accelerators: 12 },
    training: { parallelism: { pipeline: 4, data: 3, order: "tp-cp-ep-pp-dp" }, globalBatch: 12, zeroStage: 1 }
  },
  "3 replicas of 2 tensor ranks": {
    cluster: { accelerators: 24 },
    training: { parallelism: { tensor: 2, pipeline: 4, data: 3 }, globalBatch: 24, zeroStage: 1 }
  }
}
