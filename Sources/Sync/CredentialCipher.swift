package import ConnectorHost
package import Crypto
package import Identifiers
internal import JSON
package import Time

/// A config's credentials at rest: Fernet over `{"config": id, "secrets": {name: text}, "tenant": id}`.
///
/// Tenant and config stand inside, so that a payload moved to another row does not open.
package struct CredentialCipher: Sendable {
    private let keys: SecretKeyRing

    package init(keys: SecretKeyRing) {
        self.keys = keys
    }

    /// Under the ring's first key.
    package func seal(
        _ secrets: [String: Secret],
        config: UUID,
        tenant: UUID,
        now: Instant
    ) -> (payload: String, keyID: String) {
        var texts: JSONObject = [:]
        for (name, secret) in secrets.sorted(by: { $0.key < $1.key }) { texts[name] = .string(secret.reveal()) }
        let body: JSONValue = [
            "config": .string(config.description), "secrets": .object(texts), "tenant": .string(tenant.description),
        ]
        return (keys.fernet.encrypt(body.serialized(), now: now), keys.currentKeyID)
    }

    /// - Throws: class `config`, code `credentials_unreadable`; the message says whether the key is missing.
    package func open(
        _ payload: String,
        keyID: String,
        config: UUID,
        tenant: UUID
    ) throws(ConnectorError) -> [String: Secret] {
        guard let fernet = keys.fernet(keyID: keyID) else {
            throw Self.unreadable(
                "they were encrypted with the key \(keyID), which is not among those of SECRET_KEY. Put that key "
                    + "back on a line of its own, or enter the credentials again"
            )
        }
        do throws(FernetError) {
            return try Self.secrets(try fernet.decrypt(payload), config: config, tenant: tenant)
        } catch {
            throw Self.unreadable("what is stored is not what was encrypted with the key \(keyID). Enter them again")
        }
    }

    /// What doesn't fit is told like a payload that doesn't open: neither was written here for this config.
    private static func secrets(
        _ body: [UInt8],
        config: UUID,
        tenant: UUID
    ) throws(FernetError) -> [String: Secret] {
        let text: JSONValue
        do throws(JSONError) {
            text = try JSONValue(parsing: body)
        } catch {
            throw FernetError()
        }
        guard let object = text["secrets"]?.objectValue,
            text["config"]?.stringValue == config.description, text["tenant"]?.stringValue == tenant.description
        else { throw FernetError() }
        var secrets: [String: Secret] = [:]
        for member in object.members {
            guard let value = member.value.stringValue else { throw FernetError() }
            secrets[member.name] = Secret(value)
        }
        return secrets
    }

    private static func unreadable(_ why: String) -> ConnectorError {
        ConnectorError(
            .config,
            code: "credentials_unreadable",
            message: "The configuration's credentials can't be read: \(why)."
        )
    }
}
