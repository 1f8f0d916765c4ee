import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { rules } from './rules';

const { schemas } = JSON.parse(readFileSync('../api/v1/openapi.json', 'utf8')).components;

/** Where in the contract each rule stands. */
const members: Record<keyof typeof rules, string[]> = {
  password: ['ChangePasswordInputBody.new', 'ChoosePasswordInputBody.new'],
  personName: ['CreateUserInputBody.name', 'ChangeUserInputBody.name', 'ChangeMeInputBody.name'],
  email: ['CreateUserInputBody.email', 'PutConnectionInputBody.notificationEmail', 'MailLinkInputBody.email'],
  programName: ['NewTokenBody.name'],
  passkeyName: ['ConfirmPasskeyInputBody.name', 'BeginFactorInputBody.name'],
  reason: ['BeginVisitInputBody.reason', 'BeginActionInputBody.reason'],
  explanation: ['ResolveInputBody.note'],
  endpointUrl: ['NewEndpoint.url', 'ChangeInputBody.url'],
  endpointUse: ['NewEndpoint.description', 'ChangeInputBody.description'],
};

// The form for a name let 201 letters pass, and the server's refusal stood beside no field.
test.each(Object.entries(members))('%s is as the contract has it', (rule, places) => {
  for (const place of places) {
    const [body, member] = place.split('.');
    const { minLength, maxLength, pattern } = schemas[body!].properties[member!];
    expect({ minLength, maxLength, pattern }, place).toEqual(rules[rule as keyof typeof rules]);
  }
});
