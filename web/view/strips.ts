/**
 * Narrow rectangles of many lanes as images: a lane is eight rows of pixels, one an eighth of its height, which the canvas
 * stretches to the lane. Measured over a million slices (test/bench/viewer.bench.ts): a rectangle of its own for each column
 * of pixels took 38 ms a frame; writing the pixels column by column as long, for its jumps in memory; row by row it is 3 ms.
 */

/** A lane's rectangles are so many heights at most: `levelOf` in model/rectangles.ts rounds to them. */
const bands = 8

/** Rectangles up to which a lane is cheaper without an image. */
const fewest = 200

/** Draws a rectangle of a lane that has too few for an image. */
export type DrawOne = (x: number, y: number, width: number, height: number, colour: number) => void

export interface Strips {
  /** Forgets what was drawn; strips are `width` CSS pixels long from now on. */
  readonly clear: (width: number, colours: readonly string[]) => void
  /** A lane begins: what is set from now on stands at this place. */
  readonly begin: (top: number, height: number) => void
  /** Columns x ... x + width - 1, from the bottom up to a share of the lane. */
  readonly set: (x: number, width: number, share: number, colour: number) => void
  /** No more lanes; those with few rectangles have been drawn one by one before this returns. */
  readonly end: () => void
  readonly draw: (context: CanvasRenderingContext2D) => void
}

export const makeStrips = (drawOne: DrawOne): Strips => {
  const canvas = document.createElement("canvas")
  const inks = new Uint32Array(256)
  let pixels = new Uint32Array(0)
  let width = 0
  let lanes = 0
  // Rectangles of the lane that has begun, four numbers each: x, width, bands, colour.
  let given = new Int32Array(4096)
  let count = 0
  let laneTop = 0
  let laneHeight = 0
  // Of each column of each lane: how many bands it fills, from the bottom, and in which colour.
  let level = new Uint8Array(0)
  let colourOf = new Uint8Array(0)
  let tops: number[] = []
  let heights: number[] = []

  /** What was given becomes columns of an image where it is much. */
  const finishLane = (): void => {
    if (count > fewest * 4) {
      makeRoom()
      const place = lanes * width
      for (let at = 0; at < count; at += 4) {
        const to = Math.min(width, given[at]! + given[at + 1]!)
        for (let x = Math.max(0, given[at]!); x < to; x++) {
          level[place + x] = given[at + 2]!
          colourOf[place + x] = given[at + 3]!
        }
      }
      lanes++
      tops.push(laneTop)
      heights.push(laneHeight)
    } else
      for (let at = 0; at < count; at += 4) {
        const tall = (laneHeight * given[at + 2]!) / bands
        drawOne(given[at]!, laneTop + laneHeight - tall, given[at + 1]!, tall, given[at + 3]!)
      }
    count = 0
  }

  const makeRoom = (): void => {
    if ((lanes + 1) * width <= level.length) return
    const [levels, colours] = [level, colourOf]
    level = new Uint8Array((lanes + 1) * 2 * width)
    colourOf = new Uint8Array((lanes + 1) * 2 * width)
    level.set(levels)
    colourOf.set(colours)
  }

  const paintLane = (lane: number): void => {
    const from = lane * width
    for (let band = 0; band < bands; band++) {
      // The topmost row of pixels first, which only a full column reaches.
      const least = bands - band
      const row = (lane * bands + band) * width
      for (let x = 0; x < width; x++) pixels[row + x] = level[from + x]! >= least ? inks[colourOf[from + x]!]! : 0
    }
  }

  return {
    clear: (across, colours) => {
      const next = Math.ceil(across)
      if (next === width) level.fill(0, 0, lanes * width)
      else {
        width = next
        level = new Uint8Array(0)
        colourOf = new Uint8Array(0)
      }
      lanes = 0
      count = 0
      tops = []
      heights = []
      colours.forEach((hex, index) => {
        inks[index] = opaque(hex)
      })
    },
    begin: (top, height) => {
      finishLane()
      laneTop = top
      laneHeight = height
    },
    set: (x, across, share, colour) => {
      if (count === given.length) {
        const before = given
        given = new Int32Array(2 * count)
        given.set(before)
      }
      given[count] = x
      given[count + 1] = across
      given[count + 2] = Math.min(bands, Math.max(1, Math.round(share * bands)))
      given[count + 3] = colour
      count += 4
    },
    end: finishLane,
    draw: (context) => {
      if (lanes === 0) return
      const rows = lanes * bands
      if (pixels.length < rows * width) pixels = new Uint32Array(rows * width)
      for (let lane = 0; lane < lanes; lane++) paintLane(lane)
      if (canvas.width !== width || canvas.height < rows) {
        canvas.width = width
        canvas.height = rows
      }
      const own = canvas.getContext("2d")
      if (own === null) return
      own.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer, 0, rows * width * 4), width, rows), 0, 0)
      context.imageSmoothingEnabled = false
      for (let lane = 0; lane < lanes; lane++)
        context.drawImage(canvas, 0, lane * bands, width, bands, 0, tops[lane]!, width, heights[lane]!)
      context.imageSmoothingEnabled = true
    }
  }
}

/** "#2973c3" as a pixel, red in the lowest byte. */
const opaque = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
  return ((0xff << 24) | (blue << 16) | (green << 8) | red) >>> 0
}
