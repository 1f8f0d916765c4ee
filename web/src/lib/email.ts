const form = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Whether text has the form of an e-mail address. Only a mail that arrives proves one. */
export const looksLikeEmail = (text: string): boolean => form.test(text);
