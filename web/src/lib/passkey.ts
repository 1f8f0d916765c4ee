// Passkeys by the browser's own words: what to ask for comes from the API, and what the browser answers goes back to it.

/** Whether this browser makes and shows passkeys. */
export const knowsPasskeys = (): boolean =>
  typeof PublicKeyCredential !== 'undefined' && 'parseCreationOptionsFromJSON' in PublicKeyCredential;

/** What the person did not finish, or the device refused. */
export class PasskeyCancelled extends Error {}

async function answerOf(asked: Promise<Credential | null>): Promise<unknown> {
  const given = await asked.catch(() => null); // a name that tells why would tell the page whether there is one
  if (!given) throw new PasskeyCancelled('A chave de acesso não foi usada. Tente de novo.');
  return (given as PublicKeyCredential).toJSON();
}

/** Has the browser make a passkey. */
export const makePasskey = (options: unknown): Promise<unknown> =>
  answerOf(
    navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON),
    }),
  );

/** Has the browser show one. */
export const showPasskey = (options: unknown): Promise<unknown> =>
  answerOf(
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON),
    }),
  );
