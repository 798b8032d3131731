/**
 * URLs of databases as they may be shown: without the password.
 */

export const shownUrl = (url: string): string => {
  try {
    const parsed = new URL(url)
    parsed.password = ""
    for (const name of [...parsed.searchParams.keys()])
      if (/password|secret|key/i.test(name)) parsed.searchParams.delete(name)
    return parsed.href
  } catch {
    // What cannot be read may have its password anywhere.
    return `${/^[a-z]+/i.exec(url)?.[0] ?? ""}://...`
  }
}
