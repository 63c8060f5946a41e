using System.Runtime;
using System.Runtime.CompilerServices;
using Viperf.Abi;
using Viperf.Agent.CPython;
using Viperf.Agent.Linux;

namespace Viperf.Agent.Trampolines;

/// <summary>The evaluators of all interpreters of the process, of which there may be many over time.</summary>
internal static unsafe class Evaluators
{
    public const int Most = 64;

    private const nuint PageBytes = 4096;

    /// <summary>Names are cut here, as are those of files; bytes of both.</summary>
    public const int NameBytes = 8 * 1024;

    /// <summary>3.8 has no functions for its hook; it lies here in the interpreter's state, unless a build is different.</summary>
    private const int HookOffset38 = 568;

    private const int SearchedBytes38 = 4096;

    private static Table s_table;
    private static SlotNumbers s_numbers;
    private static int s_hookOffset;

    /// <summary>The evaluator of an interpreter; null if there is none yet.</summary>
    public static Evaluator* Of(void* interpreter)
    {
        long id = PythonApi.GetInterpreterId(interpreter);
        fixed (Table* table = &s_table)
        {
            for (int i = 0; i < Most; i++)
            {
                var evaluator = table->At(i);
                if (evaluator->Code != null && evaluator->InterpreterId == id)
                {
                    return evaluator;
                }
            }
        }

        return null;
    }

    /// <summary>Finds or makes an interpreter's evaluator, switched off; null if there are too many, or no memory.</summary>
    public static Evaluator* GetOrCreate(void* interpreter)
    {
        var evaluator = Of(interpreter);
        if (evaluator != null)
        {
            return evaluator;
        }

        evaluator = FindUnused();
        if (evaluator == null)
        {
            return null;
        }

        byte* code = evaluator->Code, name = evaluator->Name;
        if (code == null)
        {
            code = Syscall.MapMemory(PageBytes, Syscall.PROT_READ | Syscall.PROT_EXEC, out _);
            name = Syscall.MapMemory(NameBytes, Syscall.PROT_READ | Syscall.PROT_WRITE, out _);
        }

        if (code == null || name == null)
        {
            return null;
        }

        *evaluator = new Evaluator
        {
            Code = code,
            Name = name,
            InterpreterId = PythonApi.GetInterpreterId(interpreter),
            PerfMapIndex = -1,
            JitDumpIndex = -1,
        };
        return evaluator;
    }

    /// <summary>Asks for an interpreter's slots, one for each backend.</summary>
    /// <returns>False if they are not to be had under the numbers that they have in other interpreters.</returns>
    /// <remarks>
    /// Code objects that are compiled into CPython 3.11 are shared by all interpreters, so a slot must mean the same in each.
    /// </remarks>
    public static bool TryRequestSlots(Evaluator* evaluator)
    {
        evaluator->PerfMapIndex = Request(&CodeTrampolines.OnPerfMapCodeFreed, s_numbers.PerfMap);
        evaluator->JitDumpIndex = Request(&CodeTrampolines.OnJitDumpCodeFreed, s_numbers.JitDump);
        bool isFirst = s_numbers.JitDump == 0; // it comes second, so it is never slot 0
        if (isFirst && evaluator->PerfMapIndex >= 0 && evaluator->JitDumpIndex >= 0)
        {
            s_numbers.PerfMap = evaluator->PerfMapIndex;
            s_numbers.JitDump = evaluator->JitDumpIndex;
        }

        if (evaluator->PerfMapIndex == s_numbers.PerfMap && evaluator->JitDumpIndex == s_numbers.JitDump && s_numbers.JitDump != 0)
        {
            return true;
        }

        evaluator->PerfMapIndex = -1;
        return false;
    }

    /// <summary>Rewrites an evaluator's code: to look for trampolines, or to pass on.</summary>
    /// <returns>0 or a negative error number.</returns>
    /// <remarks>No thread runs it meanwhile: it is run with the interpreter's lock, which the caller has.</remarks>
    public static int Rewrite(Evaluator* evaluator, in Layout layout, bool isOn)
    {
        int error = Syscall.ProtectMemory(evaluator->Code, PageBytes, Syscall.PROT_READ | Syscall.PROT_WRITE);
        if (error != 0)
        {
            return error;
        }

        TextBuffer code = new(evaluator->Code, (int)PageBytes);
        if (isOn)
        {
            MachineCode.WriteEvaluator(ref code, layout, evaluator, evaluator->Index, FirstCallEntry(), (int)ThreadBlock.Offset());
        }
        else
        {
            MachineCode.WritePassOn(ref code, evaluator);
        }

        code.Align(AgentCode.EvaluatorBytes);
        code.Add(AgentCode.EvaluatorMark);
        MachineCode.Flush(evaluator->Code, AgentCode.EvaluatorBytes);
        error = Syscall.ProtectMemory(evaluator->Code, PageBytes, Syscall.PROT_READ | Syscall.PROT_EXEC);
        evaluator->IsOn = isOn;
        return error;
    }

    /// <summary>The evaluator that an interpreter has at the moment; null if that cannot be found out.</summary>
    public static void* GetInstalled(void* interpreter)
    {
        if (PythonApi.GetEvaluator != null)
        {
            void* installed = PythonApi.GetEvaluator(interpreter);
            return installed == null ? PythonApi.DefaultEvaluator : installed;
        }

        void** hook = HookOf(interpreter);
        return hook == null ? null : *hook;
    }

    /// <summary>Gives an interpreter an evaluator.</summary>
    public static void Install(void* interpreter, void* evaluator)
    {
        if (PythonApi.SetEvaluator != null)
        {
            PythonApi.SetEvaluator(interpreter, evaluator);
        }
        else
        {
            *HookOf(interpreter) = evaluator;
        }
    }

    private static void** HookOf(void* interpreter)
    {
        byte* state = (byte*)interpreter;
        if (s_hookOffset == 0)
        {
            for (int offset = 0; offset < SearchedBytes38 && s_hookOffset == 0; offset += sizeof(void*))
            {
                s_hookOffset = *(void**)(state + offset) == PythonApi.DefaultEvaluator ? offset : 0;
            }

            if (s_hookOffset == 0)
            {
                s_hookOffset = HookOffset38; // another library's hook is there already
            }
        }

        return (void**)(state + s_hookOffset);
    }

    /// <summary>Asks for slots until one has the wanted number, or a higher one.</summary>
    private static nint Request(delegate* unmanaged<void*, void> onFreed, nint wanted)
    {
        nint index;
        do
        {
            index = PythonApi.RequestCodeExtraIndex(onFreed);
        }
        while (index >= 0 && index < wanted);

        return index;
    }

    /// <summary>Prefers one that nobody had: those of ended interpreters are looked for only when there is no other.</summary>
    private static Evaluator* FindUnused()
    {
        fixed (Table* table = &s_table)
        {
            for (int i = 0; i < Most; i++)
            {
                if (table->At(i)->Code == null)
                {
                    return table->At(i);
                }
            }

            for (int i = 0; i < Most; i++)
            {
                if (!IsAlive(table->At(i)->InterpreterId))
                {
                    return table->At(i);
                }
            }
        }

        return null;
    }

    private static bool IsAlive(long interpreterId)
    {
        for (void* next = PythonApi.FirstInterpreter(); next != null; next = PythonApi.NextInterpreter(next))
        {
            if (PythonApi.GetInterpreterId(next) == interpreterId)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The address of Entry.*.S's <c>viperf_first_call</c>.</summary>
    [RuntimeImport("viperf_first_call_address")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void* FirstCallEntry();

    /// <summary>The slots' numbers in every interpreter; 0 and 0 before the first one asked.</summary>
    private struct SlotNumbers
    {
        public nint PerfMap;
        public nint JitDump;
    }

    /// <summary>Room for all of them: there are no arrays.</summary>
    private struct Table
    {
        private const int Words = 9; // of an Evaluator

        private fixed ulong _evaluators[Most * Words];

        public Evaluator* At(int i)
        {
            fixed (ulong* first = _evaluators)
            {
                return (Evaluator*)(first + (i * Words));
            }
        }
    }
}
