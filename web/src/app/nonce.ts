/** The nonce of this page's content policy, as the server put it into the first style. */
export const nonce = document.querySelector<HTMLStyleElement>('#first-paint')?.nonce ?? '';

// react-remove-scroll, under Mantine's dialogs, looks for it here (package get-nonce).
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;
