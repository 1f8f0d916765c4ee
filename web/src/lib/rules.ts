// What the contract asks of texts that people type. A form says it in its own words before anything is sent; rules.test.ts
// holds each to openapi.json.
export const rules = {
  password: { minLength: 8, maxLength: 1024 },
  personName: { minLength: 1, maxLength: 200 },
  email: { maxLength: 254 },
  programName: { minLength: 1, maxLength: 60, pattern: '^[A-Za-z0-9][A-Za-z0-9 ._-]*$' },
  passkeyName: { maxLength: 60 },
  reason: { minLength: 10, maxLength: 200 },
  explanation: { minLength: 10, maxLength: 500 },
  endpointUrl: { minLength: 1, maxLength: 2000 },
  endpointUse: { maxLength: 200 },
};

export const passwordRule = `Pelo menos ${rules.password.minLength} caracteres.`;
export const passwordHelp = `Use p${passwordRule.slice(1)}`;
