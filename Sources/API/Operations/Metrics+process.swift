internal import Glibc
internal import Platform
package import Time

extension Metrics {
    /// Memory and start of this process, by Prometheus's usual names.
    package func addProcess(started: Instant) {
        gauge("process_resident_memory_bytes", "Resident memory.") {
            Self.residentBytes().map { [(labels: [], value: Double($0))] } ?? []
        }
        gauge("process_start_time_seconds", "When the process was started.") {
            [(labels: [], value: Double(started.microseconds) / 1_000_000)]
        }
        gauge("trainflow_uptime_seconds", "Since the process was started.") {
            [(labels: [], value: Double(Instant.now().microseconds - started.microseconds) / 1_000_000)]
        }
    }

    /// proc(5), statm: the second number counts pages. Nil where it can't be read.
    package static func residentBytes() -> Int64? {
        do throws(SystemError) {
            let text = String(decoding: try FileDescriptor.open("/proc/self/statm", O_RDONLY).read(256), as: UTF8.self)
            let numbers = text.split(separator: " ")
            guard numbers.count > 1, let pages = Int64(numbers[1]) else { return nil }
            return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
        } catch {
            return nil
        }
    }
}
