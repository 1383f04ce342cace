// Package wiro is a typed client of the Wiro API (https://api.wiro.ai/v1),
// which runs generative models as tasks: submit one with [Client.Run], ask
// after it with [Client.Detail], and download what it made with
// [Client.Fetch].
//
// The package is made for batches that cost money:
//
//   - Nothing is paid twice. Run is never retried, never redirected and never
//     replayed by net/http; [Error.Sent] and [Error.Disposition] say whether a
//     submit that failed can be sent again.
//   - Money is exact. Prices and costs are decimals, never floats, and an
//     unknown cost is not a cost of zero ([Task.Cost]).
//   - Secrets do not show. [Secret] prints as "[secret]" with every verb of
//     fmt, in slog, in JSON, and inside any struct that holds it.
//   - Answers are hostile. Bodies are bounded, texts are made printable, and
//     Fetch connects to no host and no address that it was not allowed to.
//   - Nothing hangs. Each phase of each call has a time limit of its own,
//     besides the caller's context.
//
// # Where the facts come from
//
// Wiro's answers differ from page to page, so that each fact of the wire has
// a source. The seed is the model page of Qwen/Qwen-Image-Fast, with its
// sample requests and answers; the documentation is the public one.
//
//   - Everything is a POST; x-api-key, x-nonce and x-signature, the last the
//     lower-case hex HMAC-SHA256 of secret + nonce under the API key (seed).
//     A project either signs or it sends its key alone (documentation).
//   - Run takes JSON, and multipart only with files (documentation). The seed
//     sends JSON under a multipart header; this client does not.
//   - Numbers come as strings, as numbers and as null; parameters as an object
//     or as a JSON string; categories as an array or as a string (observed in
//     the seed and in public clients). All are read.
//   - The seed's own sample of Kill has "categories": "["tool",…]", which is
//     no JSON at all: the quotes inside are not escaped. An answer that does
//     not parse is read a second time with such an embedded document freed of
//     its outer quotes, so that the task is not lost for a field that nobody
//     needs.
//   - Only task_postprocess_end and task_cancel are terminal (seed), and the
//     first means success only with pexit "0", or without a pexit and with an
//     output (documentation).
//   - Codes 96 (concurrent task limit), 97 (balance), 98 and 99 (not signed
//     in), 1 (not found, wrong state), 0 (anything else) are the documented
//     ones; code 0 is told apart by its text.
package wiro
