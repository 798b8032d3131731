import { describe, expect, test } from "vitest"
import { standalone } from "../../src/charts/index.ts"
import { examples } from "./examples.ts"

/** The pictures in gallery/ are for people to look at; `vitest -u` draws them anew after a change that was looked at. */
describe("the gallery", () => {
  test.each(Object.entries(examples))("%s is drawn as in its file", async (name, picture) => {
    await expect(standalone(picture)).toMatchFileSnapshot(`gallery/${name}.svg`)
  })
})
