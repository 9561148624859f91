/// Who may run now: at most so many altogether, per tenant, and per tenant and connector; tenants take turns.
///
/// Within a tenant the first to ask is the first to go, unless its connector is at its own limit and a later one isn't.
package struct FairQueue<Tenant: Hashable & Sendable>: Sendable {
    package struct Request: Sendable, Equatable {
        package var ticket: UInt64
        package var tenant: Tenant
        package var connector: String
        /// Runners of this connector at once for one tenant; nil has no limit of its own.
        package var connectorLimit: Int?

        package init(ticket: UInt64, tenant: Tenant, connector: String, connectorLimit: Int? = nil) {
            self.ticket = ticket
            self.tenant = tenant
            self.connector = connector
            self.connectorLimit = connectorLimit
        }
    }

    private let limit: Int
    private let limitPerTenant: Int
    private var running: [UInt64: Request] = [:]
    private var waiting: [Tenant: [Request]] = [:]
    /// Tenants that have someone waiting, the next to be served first.
    private var turns: [Tenant] = []

    package init(limit: Int, limitPerTenant: Int) {
        self.limit = max(1, limit)
        self.limitPerTenant = max(1, limitPerTenant)
    }

    package var runningCount: Int { running.count }
    package var waitingCount: Int { waiting.values.reduce(0) { $0 + $1.count } }

    /// Someone asks to run; answers who may start now.
    package mutating func requested(_ request: Request) -> [UInt64] {
        if waiting[request.tenant] == nil { turns.append(request.tenant) }
        waiting[request.tenant, default: []].append(request)
        return startNext()
    }

    /// A running one is done; answers who may start now.
    package mutating func finished(_ ticket: UInt64) -> [UInt64] {
        running[ticket] = nil
        return startNext()
    }

    /// Someone gave up waiting. False: it was not waiting (any more), so it runs or is done.
    package mutating func gaveUp(_ ticket: UInt64) -> Bool {
        for (tenant, requests) in waiting {
            guard let place = requests.firstIndex(where: { $0.ticket == ticket }) else { continue }
            remove(place, of: tenant)
            return true
        }
        return false
    }

    private mutating func startNext() -> [UInt64] {
        var started: [UInt64] = []
        while running.count < limit, let (turn, place) = nextEligible() {
            let tenant = turns[turn]
            guard let request = waiting[tenant]?[place] else { break }
            remove(place, of: tenant)
            // Served: the tenant goes to the end of the line if more of it waits.
            if let position = turns.firstIndex(of: tenant) { turns.append(turns.remove(at: position)) }
            running[request.ticket] = request
            started.append(request.ticket)
        }
        return started
    }

    /// The first tenant in line with a request that may run, and which of its requests.
    private func nextEligible() -> (turn: Int, place: Int)? {
        for (turn, tenant) in turns.enumerated() {
            guard running.values.count(where: { $0.tenant == tenant }) < limitPerTenant else { continue }
            let place = waiting[tenant]?.firstIndex { request in
                guard let limit = request.connectorLimit else { return true }
                let others = running.values.count { $0.tenant == tenant && $0.connector == request.connector }
                return others < limit
            }
            if let place { return (turn, place) }
        }
        return nil
    }

    private mutating func remove(_ place: Int, of tenant: Tenant) {
        waiting[tenant]?.remove(at: place)
        guard waiting[tenant]?.isEmpty == true else { return }
        waiting[tenant] = nil
        turns.removeAll { $0 == tenant }
    }
}
