/** Saves a text as a file of the reader's. */
export function save(file: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = file.replaceAll(/[^\w.-]+/g, '-');
  link.click();
  // The browser takes its time to read it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
