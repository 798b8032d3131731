/**
 * What was written for other programs, read: a Hugging Face config.json as a model's entry, the command line of a serving
 * engine as a scenario.
 */
export { importModel, modelTypes, type ImportedModel } from "./model-entry.ts"
export { modelFields, modelRemarks, modelText, parameterText } from "./model-text.ts"
export { isRefused, type RefusedImport } from "./refusal.ts"
export { importServer, type ImportedServer, type ServerRequest } from "./server-import.ts"
export { serverRemarks, serverText } from "./server-text.ts"
export type { Remark } from "./settings.ts"
export { importTraining, trainingIn, type ImportedTraining, type TrainingRequest } from "./training/training-import.ts"
export { trainingRemarks, trainingText } from "./training/training-text.ts"
