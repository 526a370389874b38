import { z } from 'zod';
import { duration, foreignName, name, path, port, secretReference } from './scalars.ts';

function mailAddress(description: string) {
  return z
    .string()
    .max(254)
    .regex(/^[^\s@<>(),;:"\p{Cc}]+@[^\s@<>(),;:"\p{Cc}]+$/u, { error: 'must be an e-mail address' })
    .describe(description);
}

const mailSchema = z
  .strictObject({
    to: z.array(mailAddress('mailbox of an operator')).min(1).max(50).describe('who is told'),
    from: mailAddress('sender'),
    host: foreignName('mail server (SMTP)'),
    port: port('port of the mail server').default(587),
    tls: z
      .enum(['starttls', 'tls', 'none'])
      .describe('starttls: refuses to go on without; tls: from the first byte, usually on port 465; none: never')
      .default('starttls'),
    ca_file: path('PEM file with certificates to trust of it; none: those of the system').optional(),
    username: foreignName('log-in at the mail server; none: without').optional(),
    password: secretReference('its password').optional(),
  })
  .refine(({ password, username }) => (username === undefined) === (password === undefined), {
    error: 'needs both `username` and `password`, or neither',
  })
  .refine(({ password, tls }) => tls !== 'none' || password === undefined, {
    error: 'would send the password in the clear: take `tls: starttls` or `tls: tls`',
  });

const webhookSchema = z.strictObject({
  name: name('how people and the database call it'),
  url: secretReference('its address, which often carries a token'),
  secret: secretReference('signs what is sent: header X-Sidegate-Signature').optional(),
});

export const noticesSchema = z
  .strictObject({
    email: mailSchema.describe('notices by e-mail').optional(),
    webhooks: z.array(webhookSchema).max(20).describe('notices as JSON by POST').default([]),
    after: duration('a notice is told when it has been open for so long', { min: '0s', max: '1d' }).default(60_000),
    again: duration('one that was closed and opens again is told again no earlier', { min: '0s', max: '30d' }).default(
      3_600_000,
    ),
    remind: z
      .union([z.literal('never'), duration('', { min: '1m', max: '90d' })], {
        error: 'must be `never`, or a duration between 1m and 90d',
      })
      .describe('one that stays open is told again; `never`: once')
      .default(86_400_000),
    every: duration('pause between two messages; all notices of that time are one message', {
      min: '0s',
      max: '1d',
    }).default(60_000),
  })
  .describe('how operators are told without looking at the status page');
