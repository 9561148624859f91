/** Whether a letter or digit is pressed; on a keyboard with other letters by its place: Arabic has ن where K is. */
export function isKey({ key, code }: Pick<KeyboardEvent, 'key' | 'code'>, name: string): boolean {
  if (/^[a-z0-9]$/i.test(key)) return key.toLowerCase() === name;
  return code === (/[0-9]/.test(name) ? `Digit${name}` : `Key${name.toUpperCase()}`);
}
