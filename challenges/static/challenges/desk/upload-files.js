// What people choose or drop: files, folders with everything in them, archives.

/**
 * A file with the folders above it.
 * @typedef {{ file: File, path: string }} Chosen
 */

/**
 * What is taken here, told by the page: endings in small letters, limits in bytes.
 * @typedef {{ pictures: string[], archives: string[], photoBytes: number, archiveBytes: number }} Taken
 */

/**
 * Files sorted by what can be sent. `passed` are names of files that are no photos.
 * @typedef {{ wanted: Chosen[], passed: string[] }} Sorted
 */

// Systems put these beside photos; nobody misses them.
const HIDDEN = /^(\.|thumbs\.db$|desktop\.ini$)/i;

/**
 * Return everything in a drop. Call it while the event is handled: later the browser forgets.
 * @param {DataTransfer} drop
 * @returns {Promise<Chosen[]>}
 */
export async function filesOfDrop(drop) {
  const items = [...drop.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry());
  const loose = [...drop.files];
  /** @type {Chosen[]} */
  const found = [];
  for (const [index, entry] of entries.entries()) {
    const file = loose[index];
    if (entry) await walk(entry, found);
    else if (file) found.push({ file, path: file.name });
  }
  return found;
}

/**
 * Return what a file input holds; one for folders knows the folders.
 * @param {HTMLInputElement} input
 * @returns {Chosen[]}
 */
export function filesOfInput(input) {
  return [...(input.files ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/**
 * Sort files by what can be sent.
 * @param {Chosen[]} files
 * @param {Taken} taken
 * @returns {Sorted}
 */
export function sort(files, taken) {
  /** @type {Sorted} */
  const sorted = { wanted: [], passed: [] };
  for (const one of files) {
    const name = one.file.name.toLowerCase();
    if (HIDDEN.test(name) || one.path.includes("__MACOSX/")) continue;
    if (isTaken(name, taken)) sorted.wanted.push(one);
    else sorted.passed.push(one.path);
  }
  return sorted;
}

/**
 * Return by what the file is known again, also after the browser was closed: path, size and date.
 * @param {Chosen} chosen
 */
export function fingerprint({ file, path }) {
  return `${file.size}.${file.lastModified}.${digest(path)}`;
}

/**
 * @param {string} name
 * @param {Taken} taken
 */
function isTaken(name, taken) {
  return !name.includes(".") || [...taken.pictures, ...taken.archives].some((ending) => name.endsWith(ending));
}

/**
 * @param {FileSystemEntry} entry
 * @param {Chosen[]} found
 * @returns {Promise<void>}
 */
async function walk(entry, found) {
  if (entry.isFile) {
    const one = /** @type {FileSystemFileEntry} */ (entry);
    const file = await new Promise((resolve) => one.file(resolve, () => resolve(null)));
    if (file) found.push({ file, path: entry.fullPath.replace(/^\//, "") });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  // A reader gives a hundred at a time, until there are none.
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!some.length) return;
    for (const one of some) await walk(one, found);
  }
}

/**
 * Return 53 bits of a text (cyrb53): crypto.subtle is not there on plain-text addresses.
 * @param {string} text
 */
function digest(text) {
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    one = Math.imul(one ^ code, 2654435761);
    two = Math.imul(two ^ code, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(two ^ (two >>> 13), 3266489909);
  two = Math.imul(two ^ (two >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return (4294967296 * (2097151 & two) + (one >>> 0)).toString(36);
}
