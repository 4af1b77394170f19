// @ts-check
// The dialogs of a browser that has them, which nobody here answers.

/** Answers them with real files of the origin's own folder. Runs in the page. */
export function answerDialogs() {
  globalThis.showSaveFilePicker = async ({ suggestedName }) => {
    const folder = await navigator.storage.getDirectory();
    return folder.getFileHandle(suggestedName, { create: true });
  };
  globalThis.showDirectoryPicker = async () => {
    const folder = await navigator.storage.getDirectory();
    return folder.getDirectoryHandle("chosen", { create: true });
  };
}
