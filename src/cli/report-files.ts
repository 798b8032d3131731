/**
 * The forms of a report as files.
 */
import { reportCsv, reportDocument, reportHtml, reportMarkdown, type Report } from "../report/index.ts"
import { reportForms, type ReportForm } from "./report-form.ts"

const writers: Readonly<Record<ReportForm, (report: Report) => string>> = {
  html: reportHtml,
  md: reportMarkdown,
  csv: reportCsv,
  json: (report) => `${JSON.stringify(reportDocument(report), null, 2)}\n`
}

/** Contents by file name. */
export const reportFiles = (report: Report, forms: readonly ReportForm[] = reportForms): ReadonlyMap<string, string> =>
  new Map(forms.map((form) => [`report.${form}`, writers[form](report)]))
