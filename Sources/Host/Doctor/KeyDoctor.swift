internal import API
internal import Crypto
internal import Glibc
internal import Platform

/// Whether the host's keys are there and fit, and who else may read them.
struct KeyDoctor {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    /// nil instead of keys that can't be had.
    func findings() -> (keys: SecretKeyRing?, findings: [Finding]) {
        var keys: SecretKeyRing?
        var findings: [Finding] = []
        do throws(UsageError) {
            let ring = try ServeSecrets.keyRing(invocation).keys
            keys = ring
            findings.append(openness(.secretKeyFile, "secret key") ?? told("secret key", ring))
        } catch {
            findings.append(Self.failed("secret key", error))
        }
        do throws(UsageError) {
            let tokenKeys = try ServeSecrets.tokenKeys(invocation).keys
            if let note = tokenKeys.notes.first {
                findings.append(.warn("token key", "JWT_JWKS: \(note)", "Tokens of that key are refused."))
            } else {
                let source = invocation.value(.tokenKeys) == nil ? "a shared secret" : "public keys"
                findings.append(
                    openness(.tokenSecretFile, "token key") ?? .ok("token key", "Tokens are checked with \(source).")
                )
            }
        } catch {
            findings.append(Self.failed("token key", error))
        }
        return (keys, findings)
    }

    private func told(_ subject: String, _ keys: SecretKeyRing) -> Finding {
        let older = keys.keyIDs.count - 1
        return .ok(
            subject,
            "Key \(keys.currentKeyID) encrypts"
                + (older == 0 ? "." : ", and \(older) older still open what they encrypted.")
        )
    }

    /// Complains of a key's file that others may read.
    private func openness(_ variable: Variable, _ subject: String) -> Finding? {
        guard let path = invocation.value(variable) else { return nil }
        do throws(SystemError) {
            let mode = try FileDescriptor.open(path, O_RDONLY).status().st_mode
            guard mode & 0o077 != 0 else { return nil }
        } catch {
            return .fail(subject, "\(error)", "Make it readable for this user alone.")
        }
        return .warn(subject, "\(path) can be read by other users.", "chmod 600 \(path)")
    }

    private static func failed(_ subject: String, _ error: UsageError) -> Finding {
        let lines = error.message.split(separator: "\n", maxSplits: 1)
        return .fail(subject, lines.first.map(String.init) ?? "", lines.count > 1 ? String(lines[1]) : "")
    }
}
