/// E-mail addresses: what counts as one, and when two are the same.
package enum EmailAddress {}
