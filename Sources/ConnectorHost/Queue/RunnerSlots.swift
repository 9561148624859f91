internal import Identifiers
internal import JSON
internal import Synchronization

/// Lets operations wait for their turn to have a runner.
final class RunnerSlots: Sendable {
    private struct State {
        var queue: FairQueue<UUID>
        var nextTicket: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Bool, Never>] = [:]
    }

    private let state: Mutex<State>

    init(limit: Int, limitPerTenant: Int) {
        state = Mutex(State(queue: FairQueue(limit: limit, limitPerTenant: limitPerTenant)))
    }

    /// Waits for a turn; whoever gets one gives it back with `release` once the runner is gone.
    func acquire(tenant: UUID, connector: String, connectorLimit: Int?) async throws(ConnectorError) -> RunnerSlot {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        let request = FairQueue<UUID>.Request(
            ticket: ticket,
            tenant: tenant,
            connector: connector,
            connectorLimit: connectorLimit
        )
        let isGranted = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in enqueue(request, continuation) }
        } onCancel: {
            giveUp(ticket)
        }
        guard isGranted else {
            throw ConnectorError(
                .cancelled,
                code: "cancelled",
                message: "The operation was cancelled while it waited for a runner."
            )
        }
        return RunnerSlot(ticket: ticket, slots: self)
    }

    private func enqueue(_ request: FairQueue<UUID>.Request, _ continuation: CheckedContinuation<Bool, Never>) {
        // A cancellation may have come before this: then nobody will give up for us any more.
        if Task.isCancelled { return continuation.resume(returning: false) }
        let started = state.withLock { state in
            state.waiters[request.ticket] = continuation
            let tickets = state.queue.requested(request)
            return tickets.compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in started { waiter.resume(returning: true) }
        if Task.isCancelled { giveUp(request.ticket) }
    }

    private func giveUp(_ ticket: UInt64) {
        let waiter = state.withLock { state in
            state.queue.gaveUp(ticket) ? state.waiters.removeValue(forKey: ticket) : nil
        }
        waiter?.resume(returning: false)
    }

    fileprivate func release(_ ticket: UInt64) {
        let started = state.withLock { state in
            state.queue.finished(ticket).compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in started { waiter.resume(returning: true) }
    }
}

/// The right to have a runner; given back when released, at the latest by `deinit`.
final class RunnerSlot: Sendable {
    private let ticket: UInt64
    private let slots: RunnerSlots

    fileprivate init(ticket: UInt64, slots: RunnerSlots) {
        self.ticket = ticket
        self.slots = slots
    }

    deinit {
        slots.release(ticket)
    }
}
