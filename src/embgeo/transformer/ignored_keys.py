"""Keys of config.json that change no hidden state: training, generation, heads for tasks, how files are stored."""

from __future__ import annotations

import re
from typing import Final

# `original_max_position_embeddings` at the top counts only with longrope, which is refused by its type.
IGNORED: Final = frozenset(
    """
    _attn_implementation _attn_implementation_autoset _commit_hash _name_or_path adapters add_final_layer_norm
    architectures attention_bias attention_dropout attention_probs_dropout_prob attn_bias attn_pdrop auto_map
    begin_suppress_tokens bias bos_token_id cache_implementation classifier_activation classifier_bias
    classifier_dropout classifier_pooling cls_token_id decoder_bias decoder_start_token_id
    deterministic_flash_attn directionality dropout dtype embd_pdrop embed_dropout embedding_dropout enable_bias
    eos_token_id finetuning_task forced_bos_token_id forced_eos_token_id gradient_checkpointing hidden_dropout
    hidden_dropout_prob id2label init_std initializer_cutoff_factor initializer_range is_decoder
    is_encoder_decoder label2id layerdrop max_2d_position_embeddings mlp_bias mlp_dropout model_max_length
    model_type n_ctx norm_bias offset_alibi original_max_position_embeddings output_attentions
    output_hidden_states output_past pad_token_id pooler_fc_size pooler_num_attention_heads pooler_num_fc_layers
    pooler_size_per_head pooler_type prefix problem_type pruned_heads qa_dropout reference_compile
    reorder_and_upcast_attn repad_logits_with_grad resid_dropout resid_pdrop residual_dropout return_dict
    sep_token_id seq_classif_dropout sinusoidal_pos_embds slow_but_exact sparse_pred_ignore_index
    sparse_prediction summary_activation summary_first_dropout summary_last_dropout summary_proj_to_labels
    summary_type summary_use_proj suppress_tokens task_specific_params tf_legacy_loss tie_encoder_decoder
    tie_weights_ tokenizer_class torch_dtype torchscript transformers.js_config
    transformers_version type_vocab_size unk_token_id unsloth_fixed unsloth_version use_bfloat16 use_bias
    use_cache use_qkv_bias vocab_size xla_device
    """.split()  # noqa: SIM905  # one name a line would take two pages
)
# Generation's own settings, which older files have in config.json.
GENERATION: Final = re.compile(
    r"(max|min)_(new_)?(length|tokens)|do_sample|early_stopping|num_beams|num_beam_groups|diversity_penalty|temperature|"
    r"top_[kp]|typical_p|repetition_penalty|length_penalty|(encoder_)?no_repeat_ngram_size|bad_words_ids|"
    r"num_return_sequences|chunk_size_feed_forward|output_scores|return_dict_in_generate|remove_invalid_values|"
    r"exponential_decay_length_penalty|quantization_config_none|cross_attention_hidden_size"
)


def is_ignored(name: str) -> bool:
    """Whether a key changes no hidden state. Biases, whose keys are here, are used where the file has them."""
    return name in IGNORED or GENERATION.fullmatch(name) is not None
