/* handlers.h - the handlers that the router's rows name; one file per domain. */
#pragma once

#include "server/http.h"

http_handler api_prepare_post;					   /* api_jobs.c */
http_handler api_status_get;					   /* api_status.c */
http_handler api_log_get;					   /* api_log.c */
http_handler api_events_get;					   /* api_events.c */
http_handler api_openapi_get;					   /* openapi.c */
http_handler api_items_get, api_item_get, api_scan_post;	   /* api_items.c */
http_handler api_item_patch, api_items_post, api_items_bulk_post, api_items_bulk_get, api_items_undo_post; /* api_metadata.c */
http_handler api_markers_get, api_markers_post, api_marker_patch, api_marker_delete;	   /* api_markers.c */
http_handler api_markers_generate_post, api_item_validate_post;
http_handler api_item_history_get, api_metadata_values_get, api_metadata_values_post;
http_handler api_collections_get, api_collections_post, api_collection_get;	   /* api_collections.c */
http_handler api_collection_patch, api_collection_delete, api_collection_items_get, api_collection_items_post;
http_handler api_alerts_get, api_alerts_post, api_alert_delete;	   /* api_alerts.c */
http_handler api_jobs_get, api_job_get, api_jobs_post, api_job_delete; /* api_jobs.c */
http_handler api_roots_get, api_roots_post, api_root_delete; /* api_roots.c */
http_handler api_folders_get;				     /* api_folders.c */
http_handler api_as_run_get;					   /* api_as_run.c */
http_handler api_guide_get;					   /* api_guide.c */
http_handler api_channels_get, api_channel_get, api_channels_post; /* api_channels.c */
http_handler api_organize_preview_post, api_organize_apply_post;   /* api_organize.c */
http_handler api_batches_get, api_batch_get, api_batch_undo_post;  /* api_batches.c */
http_handler api_trash_get, api_trash_empty_post;
http_handler api_duplicates_get, api_duplicates_apply_post;	   /* api_duplicates.c */
http_handler api_junk_get, api_junk_apply_post, api_unknown_get;   /* api_junk.c */
http_handler api_channel_patch, api_channel_delete;
http_handler api_schedule_get, api_timeline_get;			    /* api_timeline.c */
http_handler lineup_m3u_get, lineup_xmltv_get, lineup_xmltv_gz_get;	    /* lineup.c */
http_handler tuner_empty_get;							       /* tuner_empty.c */
http_handler tuner_discover_get, tuner_lineup_get, tuner_lineup_status_get;  /* tuner_http.c */
http_handler tuner_lineup_post, tuner_device_xml_get;
http_handler metrics_get;						    /* metrics.c */
http_handler channel_logo_get;						    /* logo.c */
http_handler channel_playlist_get, channel_master_get, channel_segment_get; /* channel_stream.c */
http_handler channel_from_get, channel_from_to_get, channel_shift_get;			    /* channel_stream.c */
http_handler channel_ts_get;						    /* channel_ts.c */
http_handler media_file_get;						    /* media_file.c */
http_handler media_thumbnail_get;					    /* thumbnail.c */
http_handler page_get;							    /* page.c */
