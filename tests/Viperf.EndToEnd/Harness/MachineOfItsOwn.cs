using Xunit;

namespace Viperf.EndToEnd.Harness;

/// <summary>
/// Tests of how threads share their time, or of as many samples as a machine can take: no other test may run beside them.
/// </summary>
[CollectionDefinition(nameof(MachineOfItsOwn), DisableParallelization = true)]
public sealed class MachineOfItsOwn;
