/**
 * The forms that a report is written in, by the ending of their files.
 */
export const reportForms = ["html", "md", "csv", "json"] as const
export type ReportForm = (typeof reportForms)[number]
