/**
 * Lets the user choose a file.
 * @param accept endings and content types, as an input element takes them; empty: any
 * @returns undefined when none is chosen
 */
export function pickFile(accept = ""): Promise<File | undefined> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = accept;
    input.addEventListener("cancel", () => resolve(undefined));
    input.addEventListener("change", () => resolve(input.files?.[0]));
    input.click();
  });
}
