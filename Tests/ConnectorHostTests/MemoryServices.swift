import ConnectorHost
import Crypto
import JSON
import Synchronization
import Time

/// Keeps credentials and cached values in memory.
final class MemoryServices: ConnectorServices {
    private struct State {
        var secrets: [String: Secret] = [:]
        var cache: [String: (value: [UInt8], expiry: Instant)] = [:]
        var owners: Set<ServiceOwner> = []
    }

    private let state = Mutex(State())

    var secrets: [String: Secret] { state.withLock { $0.secrets } }
    var owners: Set<ServiceOwner> { state.withLock { $0.owners } }

    func updateSecret(_ name: String, to value: Secret, for owner: ServiceOwner) async throws(ConnectorError) {
        state.withLock { state in
            state.secrets[name] = value
            state.owners.insert(owner)
        }
    }

    func cachedValue(_ key: String, for owner: ServiceOwner) async throws(ConnectorError) -> [UInt8]? {
        state.withLock { state in
            guard let (value, expiry) = state.cache[key], expiry > .now() else { return nil }
            return value
        }
    }

    func cacheValue(
        _ value: [UInt8],
        for key: String,
        until expiry: Instant,
        owner: ServiceOwner
    ) async throws(ConnectorError) {
        state.withLock { $0.cache[key] = (value, expiry) }
    }
}
