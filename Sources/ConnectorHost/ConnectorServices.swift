package import Crypto
package import Identifiers
internal import JSON
package import Time

/// What a running connector may ask of the host, for the config it runs for.
package protocol ConnectorServices: Sendable {
    /// Replaces a credential (a rotated refresh token). Durable once it returns.
    func updateSecret(_ name: String, to value: Secret, for owner: ServiceOwner) async throws(ConnectorError)

    /// A value kept by an earlier run; nil if there is none or it has expired.
    func cachedValue(_ key: String, for owner: ServiceOwner) async throws(ConnectorError) -> [UInt8]?

    /// Keeps a value (an access token, say) until a time.
    func cacheValue(
        _ value: [UInt8],
        for key: String,
        until expiry: Instant,
        owner: ServiceOwner
    ) async throws(ConnectorError)
}

/// Whose credentials and cache a service touches.
package struct ServiceOwner: Sendable, Hashable {
    package var provider: String
    package var tenant: UUID
    /// nil where an operation runs for no config yet (a check before it is saved).
    package var config: UUID?

    package init(provider: String, tenant: UUID, config: UUID?) {
        self.provider = provider
        self.tenant = tenant
        self.config = config
    }
}

/// A service frame: who waits, for what.
package struct ServiceRequest: Sendable, Equatable {
    package var id: Int64
    package var service: String
    package var name: String
    package var value: [UInt8]
    package var expiresAt: Instant?
}

extension ServiceRequest {
    /// Bytes: every printed byte is compared with every secret, so they can't be of any size.
    static let largestSecret = 64 << 10

    /// Asks the host's services; the answer's bytes are empty where the service answers nothing.
    func answer(from services: (any ConnectorServices)?, for owner: ServiceOwner) async -> Result<
        [UInt8], ConnectorError
    > {
        guard let services else { return .failure(unsupported) }
        do throws(ConnectorError) {
            switch service {
            case "secret_update":
                guard value.count <= Self.largestSecret, !value.isEmpty,
                    let text = String(validating: value, as: UTF8.self)
                else {
                    throw ConnectorError(
                        .data,
                        code: "bad_secret",
                        message: "A credential must be UTF-8 text of 1 byte to 64 KiB."
                    )
                }
                try await services.updateSecret(name, to: Secret(text), for: owner)
                return .success([])
            case "cache_get":
                guard let value = try await services.cachedValue(name, for: owner) else {
                    throw ConnectorError(.notFound, code: "not_cached", message: "Nothing is cached as \(name).")
                }
                return .success(value)
            case "cache_put":
                guard let expiresAt else {
                    throw ConnectorError(.data, code: "no_expiry", message: "A cached value needs an expiry.")
                }
                try await services.cacheValue(value, for: name, until: expiresAt, owner: owner)
                return .success([])
            default: throw unsupported
            }
        } catch {
            return .failure(error)
        }
    }

    private var unsupported: ConnectorError {
        ConnectorError(.unsupported, code: "unknown_service", message: "This host has no service \(service).")
    }
}
