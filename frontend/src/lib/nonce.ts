/** With this answer's nonce a part may add styles of its own: `<Select.Viewport nonce={nonce}>`, `EditorView.cspNonce.of(nonce)`. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
