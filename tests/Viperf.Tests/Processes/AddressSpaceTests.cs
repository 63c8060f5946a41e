using Viperf.Core.Processes;
using Xunit;

namespace Viperf.Tests.Processes;

public class AddressSpaceTests
{
    [Fact]
    public void A_new_mapping_cuts_away_what_it_covers()
    {
        var memory = new AddressSpace();
        memory.Map(new Mapping(0x1000, 0x9000, 0, Module: 1));
        memory.Map(new Mapping(0x3000, 0x4000, 0, Module: 2));

        Assert.Equal(3, memory.Count);
        Assert.Equal(1, ModuleAt(memory, 0x2fff));
        Assert.Equal(2, ModuleAt(memory, 0x3000));
        Assert.Equal(1, ModuleAt(memory, 0x4000));
        Assert.Null(ModuleAt(memory, 0x9000));
    }

    [Fact]
    public void A_mapping_over_several_replaces_them_all()
    {
        var memory = new AddressSpace();
        for (ulong page = 1; page <= 8; page++)
        {
            memory.Map(new Mapping(page << 12, (page + 1) << 12, 0, Module: (int)page));
        }

        memory.Map(new Mapping(0x2800, 0x7800, 0, Module: 99));

        Assert.Equal(2, ModuleAt(memory, 0x27ff));
        Assert.Equal(99, ModuleAt(memory, 0x2800));
        Assert.Equal(99, ModuleAt(memory, 0x77ff));
        Assert.Equal(7, ModuleAt(memory, 0x7800));
    }

    [Fact]
    public void A_forked_copy_goes_its_own_way()
    {
        var parent = new AddressSpace();
        parent.Map(new Mapping(0x1000, 0x2000, 0, Module: 1));
        var child = parent.Fork(time: 5);
        var grandchild = child.Fork(time: 6);
        child.Map(new Mapping(0x1000, 0x2000, 0, Module: 2));
        parent.Map(new Mapping(0x3000, 0x4000, 0, Module: 3));

        Assert.Equal(1, ModuleAt(parent, 0x1000));
        Assert.Equal(2, ModuleAt(child, 0x1000));
        Assert.Equal(1, ModuleAt(grandchild, 0x1000));
        Assert.Null(ModuleAt(child, 0x3000));
        Assert.Null(ModuleAt(grandchild, 0x3000));
    }

    [Fact]
    public void Its_generation_changes_with_whatever_lies_in_it()
    {
        var memory = new AddressSpace();
        HashSet<uint> generations = [0, memory.Generation];
        foreach (var change in new Action[]
        {
            () => memory.Map(new Mapping(0x1000, 0x2000, 0, Module: 1)),
            () => memory.Map(new Mapping(0x1000, 0x2000, 0, Module: 1)),
            memory.Touch,
            () => memory.AddJitDump(module: 3, isOwn: true),
            () => generations.Remove(new AddressSpace().Generation), // another one's is another
            () => memory.Map(new Mapping(0x5000, 0x6000, 0, Module: 2)),
        })
        {
            change();
            generations.Add(memory.Generation);
        }

        Assert.Equal(7, generations.Count);
        memory.AddJitDump(module: 3, isOwn: true); // which it has
        memory.TryFind(0x1000, out _);
        Assert.Contains(memory.Generation, generations);
    }

    [Fact]
    public void A_forked_copy_shares_the_generation_until_one_of_the_two_changes()
    {
        var parent = new AddressSpace();
        parent.Map(new Mapping(0x1000, 0x2000, 0, Module: 1));
        uint shared = parent.Generation;
        var child = parent.Fork(time: 5);
        Assert.Equal((shared, shared), (parent.Generation, child.Generation));
        child.Map(new Mapping(0x3000, 0x4000, 0, Module: 1));
        Assert.Equal(shared, parent.Generation);
        parent.Touch();
        Assert.Equal(3, new[] { shared, parent.Generation, child.Generation }.Distinct().Count());
    }

    [Fact]
    public void A_forked_copy_of_jitted_code_has_a_generation_of_its_own_since_it_ends_at_the_fork()
    {
        var parent = new AddressSpace();
        parent.AddJitDump(module: 3, isOwn: true);
        Assert.NotEqual(parent.Generation, parent.Fork(time: 5).Generation);
    }

    [Fact]
    public void Random_mappings_agree_with_a_page_by_page_model()
    {
        var random = new Random(20261122);
        var memory = new AddressSpace();
        var model = new int?[256];
        for (int step = 1; step < 2000; step++)
        {
            int start = random.Next(256);
            int end = Math.Min(256, start + 1 + random.Next(40));
            memory.Map(new Mapping((ulong)start, (ulong)end, 0, step));
            Array.Fill(model, step, start, end - start);
            int probe = random.Next(256);
            Assert.Equal(model[probe], ModuleAt(memory, (ulong)probe));
        }

        for (int i = 1; i < memory.Count; i++)
        {
            Assert.True(memory[i - 1].End <= memory[i].Start);
        }
    }

    private static int? ModuleAt(AddressSpace memory, ulong address) =>
        memory.TryFind(address, out var mapping) ? mapping.Module : null;
}
