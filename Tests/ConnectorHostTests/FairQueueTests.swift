import ConnectorHost
import Testing

@Suite struct FairQueueTests {
    private func request(_ ticket: UInt64, _ tenant: String, _ connector: String = "file", limit: Int? = nil)
        -> FairQueue<String>.Request
    {
        FairQueue<String>.Request(ticket: ticket, tenant: tenant, connector: connector, connectorLimit: limit)
    }

    @Test func `starts at once while there is room`() {
        var queue = FairQueue<String>(limit: 2, limitPerTenant: 2)
        #expect(queue.requested(request(1, "a")) == [1])
        #expect(queue.requested(request(2, "a")) == [2])
        #expect(queue.requested(request(3, "b")) == [])
        #expect(queue.finished(1) == [3])
        #expect(queue.runningCount == 2 && queue.waitingCount == 0)
    }

    @Test func `one tenant does not take more than its share`() {
        var queue = FairQueue<String>(limit: 4, limitPerTenant: 2)
        for ticket in 1...2 as ClosedRange<UInt64> { #expect(queue.requested(request(ticket, "a")) == [ticket]) }
        for ticket in 3...5 as ClosedRange<UInt64> { #expect(queue.requested(request(ticket, "a")) == []) }
        #expect(queue.requested(request(6, "b")) == [6])
        #expect(queue.finished(6) == [])
        #expect(queue.finished(1) == [3])
    }

    @Test func `tenants take turns, however many wait`() {
        var queue = FairQueue<String>(limit: 1, limitPerTenant: 1)
        _ = queue.requested(request(0, "z"))
        for ticket in 1...3 { _ = queue.requested(request(UInt64(ticket), "a")) }
        for ticket in 4...5 { _ = queue.requested(request(UInt64(ticket), "b")) }
        _ = queue.requested(request(6, "c"))
        var order: [UInt64] = []
        var next: UInt64? = 0
        while let running = next {
            next = queue.finished(running).first
            if let next { order.append(next) }
        }
        #expect(order == [1, 4, 6, 2, 5, 3])
    }

    @Test func `a connector at its own limit lets a later one go first`() {
        var queue = FairQueue<String>(limit: 4, limitPerTenant: 4)
        #expect(queue.requested(request(1, "a", "sap", limit: 1)) == [1])
        #expect(queue.requested(request(2, "a", "sap", limit: 1)) == [])
        #expect(queue.requested(request(3, "a", "file")) == [3])
        #expect(queue.requested(request(4, "b", "sap", limit: 1)) == [4])
        #expect(queue.finished(1) == [2])
    }

    @Test func `who gives up is not started`() {
        var queue = FairQueue<String>(limit: 1, limitPerTenant: 1)
        _ = queue.requested(request(1, "a"))
        _ = queue.requested(request(2, "a"))
        _ = queue.requested(request(3, "b"))
        #expect(queue.gaveUp(2) == true)
        #expect(queue.gaveUp(2) == false)
        #expect(queue.gaveUp(1) == false)
        #expect(queue.finished(1) == [3])
        #expect(queue.finished(3) == [])
        #expect(queue.runningCount == 0)
    }

    @Test func `whatever happens, limits hold and everyone is served once`() {
        var generator = SeededGenerator(seed: 9)
        var queue = FairQueue<String>(limit: 5, limitPerTenant: 2)
        var running: [UInt64: String] = [:]
        var tenants: [UInt64: String] = [:]
        var waiting: Set<UInt64> = []
        func started(_ tickets: [UInt64]) {
            for ticket in tickets {
                #expect(waiting.remove(ticket) != nil)
                running[ticket] = tenants[ticket]
            }
            #expect(running.count <= 5)
            #expect(Dictionary(grouping: running.values) { $0 }.values.allSatisfy { $0.count <= 2 })
        }
        for ticket in 1...2_000 as ClosedRange<UInt64> {
            let tenant = ["a", "b", "c", "d"].randomElement(using: &generator) ?? "a"
            tenants[ticket] = tenant
            waiting.insert(ticket)
            started(queue.requested(request(ticket, tenant)))
            if Bool.random(using: &generator), let done = running.keys.sorted().randomElement(using: &generator) {
                running[done] = nil
                started(queue.finished(done))
            }
            if Int.random(in: 0..<10, using: &generator) == 0,
                let one = waiting.sorted().randomElement(using: &generator)
            {
                #expect(queue.gaveUp(one) == true)
                waiting.remove(one)
            }
        }
        while let done = running.keys.first {
            running[done] = nil
            started(queue.finished(done))
        }
        #expect(waiting.isEmpty && queue.waitingCount == 0 && queue.runningCount == 0)
    }
}
